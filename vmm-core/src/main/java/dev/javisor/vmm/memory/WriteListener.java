package dev.javisor.vmm.memory;

/// Is told that RAM changed from outside a vCPU: a dirty log notes the pages, the software engine
/// drops code it decoded from them. Any thread calls.
@FunctionalInterface
public interface WriteListener {
  void written(long gpa, long size);
}
