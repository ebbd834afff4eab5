package dev.javisor.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Commands, scripts and a person's terminal: exit codes, signals, the power button.
@Lab(kernels = Guests.LINUX_6_1)
class CommandIT {
  private static final int TIMEOUT_SECONDS = 150;

  private static Host.Result run(Host host, String script) throws IOException {
    return host.run(TIMEOUT_SECONDS, script);
  }

  @Test
  void aCommandThatCannotBeRunIs126AndOneThatIsNotThere127(Host host) throws IOException {
    run(host, "./javisor run -- /etc/fstab").assertExit(126);
    Guests.counted(host, "6.1", 1, 1);
    run(host, "./javisor run -- no-such-command").assertExit(127);
    Guests.counted(host, "6.1", 1, 1);
  }

  @Test
  void aScriptOnStandardInputIsRunAndItsBytesArriveWhole(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            head -c 1048576 /dev/urandom >$TMPDIR/bytes
            ./javisor run -- cat <$TMPDIR/bytes | cmp - $TMPDIR/bytes || exit 1
            echo 'echo "a  b"; echo $((6 * 7)); exit 3' | ./javisor run
            """);
    result.assertExit(3);
    assertEquals("a  b\n42\n", result.stdout());
    Guests.counted(host, "6.1", 1, 1);
    Guests.counted(host, "6.1", 1, 1);
  }

  @Test
  void sigtermGoesToTheCommand(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            ./javisor run -- sh -c 'trap "echo got; exit 5" TERM; echo up; while :; do sleep 0.1; done' >$TMPDIR/out &
            until grep -q up $TMPDIR/out; do kill -0 $! || exit 99; sleep 0.2; done
            kill -TERM $!
            wait $!; rc=$?
            cat $TMPDIR/out; exit $rc
            """);
    result.assertExit(5);
    assertEquals("up\ngot\n", result.stdout());
    Guests.counted(host, "6.1", 1, 1);
  }

  // ---- a person's terminal ----

  @Test
  void aShellOnATerminal(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            cd $TMPDIR; mkfifo in; : >typescript
            script -qefc "stty rows 33 cols 99; $OLDPWD/javisor run; echo rc=\\$?; stty -a | grep -o ' icanon'" typescript <in >/dev/null &
            exec 3>in
            await() { n=0; until grep -q "$1" typescript; do sleep 0.2; n=$((n + 1)); [ $n -lt 1200 ] || { cat -v typescript; exit 99; }; done; }
            await '# '
            echo 'echo $((6 * 7))-$(stty size)-$(uname -s)' >&3
            await '42-33 99-Linux'
            echo poweroff >&3
            await 'rc=[0-9]'
            wait $!
            grep -o '^javisor: Ctrl-.*\\|rc=[0-9]*\\| icanon' typescript
            """);
    result.assertExit(0);
    assertTrue(result.stdout().contains("javisor: Ctrl-] q powers off"), result::toString);
    assertTrue(result.stdout().contains("rc=0"), result::toString);
    assertTrue(result.stdout().contains(" icanon"), "the terminal's modes are back");
    Guests.counted(host, "6.1", 1, 1);
  }

  @Test
  void aTerminalIsPutBackWhateverEndsJavisor(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            cd $TMPDIR; mkfifo in; : >typescript
            script -qefc "sh -c 'echo \\$\\$ >pid; exec $OLDPWD/javisor run'; echo rc=\\$?; sleep 2; stty -a" typescript <in >/dev/null &
            exec 3>in
            n=0; until grep -q 'Ctrl-]' typescript; do sleep 0.2; n=$((n + 1)); [ $n -lt 600 ] || { cat -v typescript; exit 99; }; done
            kill -KILL $(cat pid)
            wait $!
            grep -o 'rc=[0-9][0-9]*\\|-*icanon' typescript
            """);
    result.assertExit(0);
    assertEquals("rc=137\nicanon\n", result.stdout(), result::toString);
  }

  @Test
  void theFirstSigtermPressesThePowerButton(Host host) throws IOException {
    Host.Result result =
        run(
            host,
            """
            cd $TMPDIR; mkfifo in; : >typescript
            script -qefc "sh -c 'echo \\$\\$ >pid; exec $OLDPWD/javisor run'; echo rc=\\$?" typescript <in >/dev/null &
            exec 3>in
            n=0; until grep -q '# ' typescript; do sleep 0.2; n=$((n + 1)); [ $n -lt 1200 ] || { cat -v typescript; exit 99; }; done
            kill -TERM $(cat pid)
            wait $!
            grep -o 'rc=[0-9][0-9]*' typescript
            """);
    result.assertExit(0);
    assertEquals("rc=0\n", result.stdout(), result::toString); // it powered off, as asked
    Guests.counted(host, "6.1", 1, 1);
  }
}
