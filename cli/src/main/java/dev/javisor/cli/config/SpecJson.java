package dev.javisor.cli.config;

import dev.javisor.cli.MemorySize;
import dev.javisor.vmm.machine.MachineSpec;
import dev.javisor.vmm.machine.MachineSpec.Accel;
import dev.javisor.vmm.machine.MachineSpec.ConsoleKind;
import dev.javisor.vmm.machine.MachineSpec.Disk;
import dev.javisor.vmm.machine.MachineSpec.OnReboot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Between [MachineSpec] and JSON.
public final class SpecJson {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Set<String> KEYS =
      Set.of(
          "name",
          "kernel",
          "kernelPackage",
          "initrd",
          "cmdline",
          "cpus",
          "memory",
          "disks",
          "network",
          "console",
          "accel",
          "onReboot",
          "bootTimeoutSeconds",
          "command");
  private static final Set<String> DISK_KEYS = Set.of("path", "readOnly");

  private SpecJson() {}

  public static String write(MachineSpec spec) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("name", spec.name());
    json.put("kernel", text(spec.kernel()));
    json.put("kernelPackage", spec.kernelPackage());
    json.put("initrd", text(spec.initrd()));
    json.put("cmdline", spec.cmdline());
    json.put("cpus", spec.cpus());
    json.put("memory", MemorySize.format(spec.memoryBytes()));
    ArrayNode disks = json.putArray("disks");
    for (Disk disk : spec.disks()) {
      disks.addObject().put("path", disk.path().toString()).put("readOnly", disk.readOnly());
    }
    json.put("network", NetworkText.write(spec.network()));
    json.put("console", lower(spec.console()));
    json.put("accel", lower(spec.accel()));
    json.put("onReboot", lower(spec.onReboot()));
    json.put("bootTimeoutSeconds", spec.bootTimeoutSeconds());
    ArrayNode command = json.putArray("command");
    spec.command().forEach(command::add);
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json);
  }

  private static @Nullable String text(@Nullable Path path) {
    return path == null ? null : path.toString();
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /// Keys that are absent keep the value of `defaults`.
  ///
  /// @throws IllegalArgumentException one line that names the key or the place
  public static MachineSpec read(String json, MachineSpec defaults) {
    JsonNode root = parse(json);
    refuseUnknown(root, KEYS, "");
    return new MachineSpec(
        string(root, "name", defaults.name()),
        path(root, "kernel", defaults.kernel()),
        string(root, "kernelPackage", defaults.kernelPackage()),
        path(root, "initrd", defaults.initrd()),
        string(root, "cmdline", defaults.cmdline()),
        integer(root, "cpus", defaults.cpus()),
        MemorySize.parse(string(root, "memory", MemorySize.format(defaults.memoryBytes()))),
        root.has("disks") ? disks(root.get("disks")) : defaults.disks(),
        NetworkText.read(string(root, "network", NetworkText.write(defaults.network()))),
        choice(root, "console", ConsoleKind.values(), defaults.console()),
        choice(root, "accel", Accel.values(), defaults.accel()),
        choice(root, "onReboot", OnReboot.values(), defaults.onReboot()),
        integer(root, "bootTimeoutSeconds", defaults.bootTimeoutSeconds()),
        root.has("command") ? strings(root.get("command"), "command") : defaults.command());
  }

  private static JsonNode parse(String json) {
    try {
      JsonNode root = MAPPER.readTree(json);
      if (root == null || !root.isObject()) {
        throw new IllegalArgumentException("the configuration is not a JSON object");
      }
      return root;
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "the configuration is not JSON: line %d, column %d: %s"
              .formatted(
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr(),
                  e.getOriginalMessage()),
          e);
    }
  }

  private static void refuseUnknown(JsonNode object, Set<String> known, String where) {
    for (String key : object.propertyNames()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            "unknown key '%s%s'; known are: %s"
                .formatted(
                    where, key, new TreeSet<>(known).stream().collect(Collectors.joining(", "))));
      }
    }
  }

  private static String string(JsonNode object, String key, String fallback) {
    JsonNode value = object.get(key);
    if (value == null) {
      return fallback;
    }
    if (!value.isString()) {
      throw wrong(key, "a string");
    }
    return value.stringValue();
  }

  private static @Nullable Path path(JsonNode object, String key, @Nullable Path fallback) {
    JsonNode value = object.get(key);
    if (value == null) {
      return fallback;
    }
    return value.isNull() ? null : Path.of(string(object, key, ""));
  }

  private static int integer(JsonNode object, String key, int fallback) {
    JsonNode value = object.get(key);
    if (value == null) {
      return fallback;
    }
    if (!value.isInt()) {
      throw wrong(key, "a whole number");
    }
    return value.intValue();
  }

  private static <T extends Enum<T>> T choice(JsonNode object, String key, T[] values, T fallback) {
    String text = string(object, key, lower(fallback));
    for (T value : values) {
      if (lower(value).equals(text)) {
        return value;
      }
    }
    throw wrong(
        key,
        java.util.Arrays.stream(values).map(SpecJson::lower).collect(Collectors.joining(" or ")));
  }

  private static List<Disk> disks(JsonNode array) {
    if (!array.isArray()) {
      throw wrong("disks", "a list");
    }
    List<Disk> disks = new ArrayList<>();
    for (JsonNode disk : array) {
      refuseUnknown(disk, DISK_KEYS, "disks.");
      JsonNode readOnly = disk.get("readOnly");
      if (readOnly != null && !readOnly.isBoolean()) {
        throw wrong("disks.readOnly", "true or false");
      }
      if (!disk.has("path")) {
        throw new IllegalArgumentException("a disk without a path");
      }
      disks.add(
          new Disk(Path.of(string(disk, "path", "")), readOnly != null && readOnly.booleanValue()));
    }
    return disks;
  }

  private static List<String> strings(JsonNode array, String key) {
    if (!array.isArray()) {
      throw wrong(key, "a list of strings");
    }
    List<String> strings = new ArrayList<>();
    for (JsonNode value : array) {
      if (!value.isString()) {
        throw wrong(key, "a list of strings");
      }
      strings.add(value.stringValue());
    }
    return strings;
  }

  private static IllegalArgumentException wrong(String key, String expected) {
    return new IllegalArgumentException("key '" + key + "' must be " + expected);
  }
}
