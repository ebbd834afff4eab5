package dev.javisor.cli.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
  private static final Option NAME = Option.value("--name", "NAME", "a name");
  private static final Option MEMORY = Option.value("--memory", "SIZE", "how much").orLetter("-m");
  private static final Option DISK = Option.value("--disk", "PATH", "a disk").often();
  private static final Option DRY = Option.flag("--dry-run", "nothing happens");
  private static final Option VERBOSE = Option.flag("-v", "says more");
  private static final List<Option> ALL = List.of(NAME, MEMORY, DISK, DRY, VERBOSE);

  private static Arguments parse(String line) {
    return Arguments.parse(ALL, line.isEmpty() ? List.of() : List.of(line.split(" ", -1)));
  }

  private static String complaint(String line) {
    return String.valueOf(assertThrows(UsageException.class, () -> parse(line)).getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-m 1G", "-m1G", "-m=1G", "-vm1G", "-vm 1G", "--memory 1G", "--memory=1G"})
  void aValueMayBeWrittenInEachOfTheUsualWays(String line) {
    assertEquals("1G", parse(line).value(MEMORY));
  }

  @Test
  void whatIsNotGivenIsNull() {
    Arguments none = parse("");
    assertNull(none.value(NAME));
    assertNull(none.values(DISK));
    assertNull(none.stray());
    assertNull(none.behindDashes());
  }

  @Test
  void aValueMayBeEmptyOrHoldAnEqualsSign() {
    assertEquals("", parse("--name=").value(NAME));
    assertEquals("a=b", parse("--name=a=b").value(NAME));
  }

  @Test
  void aSingleDashIsAValue() {
    assertEquals("-", parse("--name -").value(NAME));
  }

  @Test
  void aRepeatableOptionKeepsItsOrder() {
    assertEquals(List.of("a", "b"), parse("--disk a -v --disk=b").values(DISK));
  }

  @Test
  void wordsBehindDashesAreNotOurs() {
    Arguments given = parse("-v -- sh -c --name -- @x");
    assertEquals(List.of("sh", "-c", "--name", "--", "@x"), given.behindDashes());
    assertNull(given.value(NAME));
    assertTrue(given.has(VERBOSE));
  }

  @Test
  void theFirstStrayWordIsKept() {
    assertEquals("a", parse("a -v b").stray());
  }

  @Test
  void mistakesAreNamed() {
    assertEquals("unknown option: '--nam'", complaint("--nam=x"));
    assertEquals("unknown option: '-x'", complaint("-vx"));
    assertEquals("option '--name' needs a value, NAME, behind it", complaint("--name"));
    assertEquals("option '--name' may be given only once", complaint("--name a --name b"));
    assertEquals("option '--dry-run' takes no value", complaint("--dry-run=yes"));
    assertTrue(complaint("--name -v").contains("but '-v' follows"), complaint("--name -v"));
    assertTrue(complaint("-m -- x").contains("but '--' follows"), complaint("-m -- x"));
  }

  @Test
  void anOptionThatIsNotUnderstoodIsNamed() {
    Arguments given = parse("-m much");
    UsageException failure =
        assertThrows(UsageException.class, () -> given.value(MEMORY, Readings::wholeNumber));
    assertEquals("option '--memory': 'much' is not a whole number", failure.getMessage());
  }

  @Test
  void aFlagMayBeRepeated() {
    assertTrue(parse("-vv --dry-run --dry-run").has(VERBOSE));
  }
}
