package dev.javisor.cli;

import dev.javisor.cli.doctor.Finding;
import dev.javisor.cli.doctor.HostFindings;
import dev.javisor.cli.options.Arguments;
import dev.javisor.cli.options.Help;
import dev.javisor.cli.options.Option;
import dev.javisor.cli.options.Readings;
import dev.javisor.cli.options.UsageException;
import java.io.PrintStream;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Says what this host offers.
final class DoctorCommand implements Command {
  private static final int CANNOT_RUN = 1;
  private static final Option FORMAT =
      Option.value("--format", "text|json", "how it is said (default: text)");

  enum Format {
    TEXT,
    JSON
  }

  @Override
  public String name() {
    return "doctor";
  }

  @Override
  public List<Option> options() {
    return List.of(FORMAT, Javisor.HELP, Javisor.VERSION);
  }

  @Override
  public Help help() {
    return new Help(
        "What this host offers a hypervisor, and what to do about the rest.",
        "javisor doctor [-hV] [--format=text|json]",
        "Exit code 0: a machine can run here. 1: not until something is changed.\n",
        options(),
        """

        Examples:
          javisor doctor
          javisor doctor --format json | jq -r .engine
        """);
  }

  @Override
  public int call(Arguments given, PrintStream out) {
    if (given.stray() != null || given.behindDashes() != null) {
      throw new UsageException("doctor takes options only");
    }
    Format format = given.value(FORMAT, text -> Readings.choice(Format.values(), text));
    List<Finding> findings = HostFindings.gather(XdgPaths.cache());
    boolean usable = findings.stream().noneMatch(f -> f.level() == Finding.Level.FAIL);
    if (format == Format.JSON) {
      out.println(json(findings, usable));
    } else {
      findings.forEach(finding -> out.println(line(finding)));
      out.println("      engine      machines run on: " + HostFindings.engine(findings));
    }
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
    root.put("engine", HostFindings.engine(findings));
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
