package dev.javisor.lab;

/// How much of a thing: a little in every run of the tests, more in `./verify --long`.
final class Scale {
  private static final boolean LONG = Boolean.getBoolean("javisor.lab.long");

  private Scale() {}

  static int of(int always, int inTheLongRun) {
    return LONG ? inTheLongRun : always;
  }
}
