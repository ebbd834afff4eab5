package dev.javisor.lab;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// One L1 of the KVM lab, for many scripts (kvm-lab/README.md, "serve: the protocol").
public final class LabHost implements Host {
  private static final int LINE_BYTES_MAX = 4096;
  private static final int LEFTOVERS_SECONDS = 20;

  private final Process serve;
  private final OutputStream requests;
  private final DataInputStream replies;
  private int scripts;

  /// Boots it.
  ///
  /// @param options of `kvm-lab/serve`
  public LabHost(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Host.checkout().resolve("kvm-lab/serve").toString());
    command.addAll(List.of(options));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(Host.checkout().toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    serve = builder.start();
    requests = serve.getOutputStream();
    replies = new DataInputStream(new BufferedInputStream(serve.getInputStream()));
    String ready = line();
    if (!ready.startsWith("READY ")) {
      throw new IOException("kvm-lab/serve: " + ready);
    }
  }

  @Override
  public Result run(int timeoutSeconds, String script) throws IOException {
    scripts++;
    String own = "export TMPDIR=/tmp/script-" + scripts + "\n";
    Result result = request(timeoutSeconds, own + "mkdir $TMPDIR\n" + script);
    return result.exitCode() == Result.TOO_LATE
        ? result.with(request(LEFTOVERS_SECONDS, own + LEFTOVERS).out())
        : result;
  }

  private Result request(int timeoutSeconds, String whole) throws IOException {
    String encoded = Base64.getEncoder().encodeToString(whole.getBytes(StandardCharsets.UTF_8));
    say("RUN " + timeoutSeconds + " " + encoded);
    String[] words = line().split(" ");
    if (!words[0].equals("DONE")) {
      throw new IOException("kvm-lab/serve: " + String.join(" ", words));
    }
    byte[] out = replies.readNBytes(Integer.parseInt(words[2]));
    byte[] err = replies.readNBytes(Integer.parseInt(words[3]));
    return new Result(Integer.parseInt(words[1]), out, err);
  }

  private void say(String request) throws IOException {
    requests.write((request + "\n").getBytes(StandardCharsets.US_ASCII));
    requests.flush();
  }

  private String line() throws IOException {
    InputStream in = replies;
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next; (next = in.read()) != '\n'; ) {
      if (next < 0 || line.size() > LINE_BYTES_MAX) {
        throw new EOFException("kvm-lab/serve ended: " + line);
      }
      line.write(next);
    }
    return line.toString(StandardCharsets.US_ASCII);
  }

  @Override
  public String name() {
    return "lab";
  }

  @Override
  public void close() throws IOException {
    try {
      requests.close();
      if (!serve.waitFor(90, TimeUnit.SECONDS)) {
        throw new IOException("kvm-lab/serve does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      serve.destroy(); // it buries QEMU
    }
  }
}
