package dev.javisor.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One row a case: facts on the left, what is found and advised on the right.
class KvmVerdictTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      emptyValue = "",
      value = {
        // exists | errno | session | account | flag | module | container | vm | mips | usable |
        // finding | remedy
        "true |0 |kvm|kvm|svm|kvm_amd  |false|false|2900|true |backed by hardware (2900 MIPS)|''",
        "true |0 |kvm|kvm|svm|kvm_amd  |false|true |245 |true |backed by hardware (245 MIPS) |''",
        "true |0 |kvm|kvm|'' |kvm_pvm  |false|true |1.8 |false|emulates the guest's instructions (1.8 MIPS)|nested virtualization",
        "true |0 |kvm|kvm|'' |kvm_pvm  |false|true |-1  |false|no guest runs on it           |dmesg",
        "true |13|''|'' |vmx|kvm_intel|false|false|-1  |false|may not be opened by this user|usermod -aG kvm",
        "true |13|''|kvm|vmx|kvm_intel|false|false|-1  |false|may not be opened by this user|log in again",
        "true |13|kvm|kvm|vmx|kvm_intel|false|false|-1 |false|may not be opened by this user|chmod g+rw",
        "true |13|''|'' |vmx|kvm_intel|true |false|-1  |false|may not be opened by this user|--group-add kvm",
        "true |19|kvm|kvm|svm|''       |false|false|-1 |false|no KVM answers                |modprobe kvm_amd",
        "true |16|kvm|kvm|svm|kvm_amd  |false|false|-1 |false|/dev/kvm: EBUSY               |kvm_amd is loaded",
        "false|2 |''|'' |vmx|''       |false|false|-1  |false|there is no /dev/kvm          |modprobe kvm_intel",
        "false|2 |''|'' |'' |''       |false|false|-1  |false|there is no /dev/kvm          |firmware (BIOS)",
        "false|2 |''|'' |'' |''       |false|true |-1  |false|there is no /dev/kvm          |nested virtualization",
        "false|2 |''|'' |svm|kvm_amd  |true |false|-1  |false|there is no /dev/kvm          |--device /dev/kvm",
        "false|2 |''|'' |'' |''       |true |true |-1  |false|there is no /dev/kvm          |this is a container",
      })
  void theRemedyFollowsFromTheFacts(
      boolean exists,
      int errno,
      String session,
      String account,
      String flag,
      String module,
      boolean container,
      boolean virtualMachine,
      double mips,
      boolean usable,
      String finding,
      String remedy) {
    KvmVerdict verdict =
        KvmVerdict.of(
            new KvmFacts(
                exists,
                errno,
                "rw-rw----",
                "kvm",
                Set.of(session),
                Set.of(account),
                flag,
                module,
                container,
                virtualMachine,
                mips));
    assertEquals(usable, verdict.usable());
    assertTrue(verdict.finding().contains(finding), verdict.finding());
    assertTrue(verdict.remedy().contains(remedy), verdict.remedy());
    assertEquals(usable, verdict.remedy().isEmpty(), "a remedy exactly where one is needed");
  }

  @Test
  void groupsAreReadByNumber() {
    assertEquals(Set.of("root"), KvmInspection.groups("Name:\tx\nGid:\t0\t0\t0\t0\nGroups:\t0 \n"));
  }
}
