/// What this host offers a hypervisor, and what a person can do about what it does not. Facts are
/// gathered in one place and judged in another: remedies are a pure function of the facts, so that
/// every case can be tested as a row of a table.
@NullMarked
package dev.javisor.cli.doctor;

import org.jspecify.annotations.NullMarked;
