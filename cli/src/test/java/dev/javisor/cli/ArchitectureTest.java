package dev.javisor.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// ARCHITECTURE.md, held on the bytecode of the main classes.
class ArchitectureTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("/testkit/"))
          .importPackages("dev.javisor");

  private static final String VMM = "dev.javisor.vmm..";
  private static final String LINUX = "dev.javisor.linux..";
  private static final String KVM = "dev.javisor.kvm..";
  private static final String DEVICES = "dev.javisor.devices..";
  private static final String IMAGES = "dev.javisor.images..";
  private static final String X86 = "dev.javisor.x86..";
  private static final String X86_NATIVE = "dev.javisor.x86.nativecode..";
  private static final String CLI = "dev.javisor.cli..";

  /// Methods that need `--enable-native-access` (JEP 472), by owner.
  private static final Set<String> RESTRICTED =
      Set.of("reinterpret", "withTargetLayout", "enableNativeAccess", "libraryLookup");

  private static void mayNotUse(String room, String... others) {
    noClasses()
        .that()
        .resideInAPackage(room)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .check(MAIN);
  }

  @Test
  void everyRoomWasSeen() {
    assertTrue(MAIN.size() > 150, "only " + MAIN.size() + " classes: the scan missed some");
    for (String room : new String[] {VMM, LINUX, KVM, DEVICES, IMAGES, X86, X86_NATIVE, CLI}) {
      String name = room.substring(0, room.length() - 2);
      assertTrue(
          MAIN.stream().anyMatch(c -> c.getPackageName().startsWith(name)), room + " was not seen");
    }
  }

  @Test
  void theCoreKnowsNobody() {
    mayNotUse(VMM, LINUX, KVM, DEVICES, IMAGES, X86, CLI);
  }

  @Test
  void theHostKnowsTheCoreOnly() {
    mayNotUse(LINUX, KVM, DEVICES, IMAGES, X86, CLI);
  }

  @Test
  void theKvmEngineKnowsCoreAndHost() {
    mayNotUse(KVM, DEVICES, IMAGES, X86, CLI);
  }

  @Test
  void devicesSeeNoEngineFileOrThreadPool() {
    mayNotUse(
        DEVICES, LINUX, KVM, IMAGES, X86, CLI, "java.nio.file..", "java.util.concurrent.Executor*");
    noClasses()
        .that()
        .resideInAPackage(DEVICES)
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.util\\.concurrent\\.(Executor|ForkJoinPool|ThreadPool).*")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.io\\.(File|RandomAccess).*")
        .check(MAIN);
  }

  @Test
  void imagesKnowTheCoreOnly() {
    mayNotUse(IMAGES, LINUX, KVM, DEVICES, X86, CLI);
  }

  @Test
  void theProcessorKnowsTheCoreOnly() {
    noClasses()
        .that()
        .resideInAPackage(X86)
        .and()
        .resideOutsideOfPackage(X86_NATIVE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(X86_NATIVE, LINUX, KVM, DEVICES, IMAGES, CLI)
        .check(MAIN);
  }

  @Test
  void theProcessorsNativeCodeKnowsTheProcessorAndTheHost() {
    mayNotUse(X86_NATIVE, KVM, DEVICES, IMAGES, CLI);
  }

  @Test
  void theTestkitIsNowhereInWhatIsShipped() {
    mayNotUse("dev.javisor..", "dev.javisor.testkit..", "org.junit..");
  }

  @Test
  void nativeCodeHasTwoRooms() {
    noClasses()
        .that()
        .resideOutsideOfPackages(LINUX, X86_NATIVE)
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Linker.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(SymbolLookup.class)
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("sun\\.misc\\.Unsafe|jdk\\.internal\\..*|com\\.sun\\.jna\\..*")
        .orShould()
        .accessTargetWhere(restricted())
        .check(MAIN);
  }

  @Test
  void onlyTheHostsRoomLooksSymbolsUp() {
    noClasses()
        .that()
        .resideOutsideOfPackage(LINUX)
        .should()
        .dependOnClassesThat()
        .areAssignableTo(SymbolLookup.class)
        .orShould()
        .callMethod(Linker.class, "defaultLookup")
        .check(MAIN);
  }

  private static DescribedPredicate<JavaAccess<?>> restricted() {
    return new DescribedPredicate<>("a restricted method") {
      @Override
      public boolean test(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        boolean foreign =
            owner.isEquivalentTo(MemorySegment.class)
                || owner.isEquivalentTo(AddressLayout.class)
                || owner.isEquivalentTo(ModuleLayer.Controller.class)
                || owner.isEquivalentTo(SymbolLookup.class);
        boolean loads =
            (owner.isEquivalentTo(System.class) || owner.isEquivalentTo(Runtime.class))
                && Set.of("load", "loadLibrary").contains(access.getName());
        return loads || foreign && RESTRICTED.contains(access.getName());
      }
    };
  }

  @Test
  void noNativeMethods() {
    noMethods().should().haveModifier(JavaModifier.NATIVE).check(MAIN);
  }

  @Test
  void roomsHaveNoCycles() {
    SlicesRuleDefinition.slices()
        .matching("dev.javisor.vmm.(*)..")
        .should()
        .beFreeOfCycles()
        .check(MAIN);
    SlicesRuleDefinition.slices()
        .matching("dev.javisor.devices.(*)..")
        .should()
        .beFreeOfCycles()
        .check(MAIN);
    SlicesRuleDefinition.slices()
        .matching("dev.javisor.x86.(*)..")
        .should()
        .beFreeOfCycles()
        .check(MAIN);
  }
}
