package dev.javisor.cli;

import dev.javisor.cli.doctor.Finding;
import dev.javisor.cli.doctor.HostFindings;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Says what this host offers.
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    header = "What this host offers a hypervisor, and what to do about the rest.",
    description = "Exit code 0: a machine can run here. 1: not until something is changed.",
    footer = {"", "Examples:", "  javisor doctor", "  javisor doctor --format json | jq '.usable'"})
final class DoctorCommand implements Callable<Integer> {
  private static final int CANNOT_RUN = 1;

  enum Format {
    TEXT,
    JSON
  }

  @Spec private CommandSpec spec;

  @Option(names = "--format", description = "text or json", defaultValue = "text")
  private Format format;

  @Override
  public Integer call() {
    List<Finding> findings = HostFindings.gather(XdgPaths.cache());
    boolean usable = findings.stream().noneMatch(f -> f.level() == Finding.Level.FAIL);
    PrintWriter out = spec.commandLine().getOut();
    if (format == Format.JSON) {
      out.println(json(findings, usable));
    } else {
      findings.forEach(finding -> out.println(line(finding)));
    }
    out.flush();
    return usable ? ExitCode.OK : CANNOT_RUN;
  }

  private static String line(Finding finding) {
    String mark =
        switch (finding.level()) {
          case OK -> "ok  ";
          case NOTE -> "note";
          case FAIL -> "FAIL";
        };
    String remedy = finding.remedy().isEmpty() ? "" : "\n                  -> " + finding.remedy();
    return "%s  %-10s  %s%s".formatted(mark, finding.subject(), finding.finding(), remedy);
  }

  private static String json(List<Finding> findings, boolean usable) {
    JsonMapper mapper = new JsonMapper();
    ObjectNode root = mapper.createObjectNode();
    root.put("usable", usable);
    ArrayNode rows = root.putArray("findings");
    for (Finding finding : findings) {
      rows.addObject()
          .put("subject", finding.subject())
          .put("level", finding.level().name().toLowerCase(java.util.Locale.ROOT))
          .put("finding", finding.finding())
          .put("remedy", finding.remedy());
    }
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root);
  }
}
