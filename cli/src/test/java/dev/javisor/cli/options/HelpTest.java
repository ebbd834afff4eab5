package dev.javisor.cli.options;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class HelpTest {
  @Test
  void descriptionsStandInAColumnAndAreBrokenBetweenWords() {
    Help help =
        new Help(
            "Does it.",
            "it [OPTIONS]",
            "\nAbout it.\n",
            List.of(
                Option.value("--memory", "SIZE", "how much").orLetter("-m"),
                Option.flag("-v", "says more"),
                Option.value(
                    "--with-a-long-name",
                    "VALUE",
                    "a description that does not fit into what is left of its line")),
            "\nExamples:\n  it\n");
    assertEquals(
        """
        Does it.
        Usage: it [OPTIONS]

        About it.
          -m, --memory=SIZE      how much
          -v                     says more
              --with-a-long-name=VALUE
                                 a description that does not fit into what is left of
                                   its line

        Examples:
          it
        """,
        help.text());
  }
}
