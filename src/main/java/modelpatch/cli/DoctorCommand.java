package modelpatch.cli;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import modelpatch.report.Table;
import picocli.CommandLine.Command;

/** {@code patch doctor}: whether this machine has what the toolkit needs, and what to do where it has not. */
@Command(name = "doctor", header = "Checks the machine: Java, cores, memory, engine.", footer = "  patch doctor --json")
final class DoctorCommand extends Subcommand {
    private static final long ENOUGH_MEMORY = 2L << 30;

    DoctorCommand(Terminal terminal) {
        super(terminal);
    }

    /** One line of the answer; {@code remedy} is null where nothing is wrong. */
    record Check(String name, boolean passed, String found, String remedy) {}

    record DoctorDocument(
            String version, String java, String system, String engine, List<Check> checks, boolean healthy) {}

    @Override
    Answer answer() {
        List<Check> checks = new ArrayList<>();
        checks.add(java());
        checks.add(cores());
        checks.add(memory());
        checks.add(engine());
        boolean healthy = checks.stream().allMatch(Check::passed);
        DoctorDocument document = new DoctorDocument(
                Version.modelpatch(), Version.java(), Version.system(), Version.engine(), checks, healthy);
        return new Answer(document, () -> text(document), healthy ? 0 : 1);
    }

    private static Check java() {
        int feature = Runtime.version().feature();
        return check("java", feature >= 17, Version.java(), "install a JDK 17 or newer and set JAVA_HOME to it");
    }

    private Check cores() {
        int cores = Runtime.getRuntime().availableProcessors();
        return check(
                "cores",
                common.threads() <= cores,
                cores + ", engine threads " + common.threads(),
                "use --threads " + cores);
    }

    private static Check memory() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long total = system.getTotalMemorySize();
        String found = MemorySize.text(total) + ", of which the Java heap may take "
                + MemorySize.text(Runtime.getRuntime().maxMemory());
        return check("memory", total >= ENOUGH_MEMORY, found, "the real model of the documentation needs 2 GB");
    }

    private static Check engine() {
        boolean natives = DoctorCommand.class.getResource("/native/lib/pytorch.properties") != null;
        return check(
                "engine",
                natives,
                natives ? Version.engine() : "no native libraries for " + Version.system() + " on the class path",
                "build on Linux x86-64 or aarch64, macOS arm64 or Windows x86-64");
    }

    private static Check check(String name, boolean passed, String found, String remedy) {
        return new Check(name, passed, found, passed ? null : remedy);
    }

    private static String text(DoctorDocument document) {
        Table table = Table.of("check", "", "found");
        document.checks().forEach(check -> table.row(check.name(), check.passed() ? "ok" : "no", check.found()));
        StringBuilder text = new StringBuilder("modelpatch " + document.version() + "\n\n" + table + "\n");
        document.checks().stream()
                .filter(check -> !check.passed())
                .forEach(check ->
                        text.append('\n').append(check.name()).append(": ").append(check.remedy()));
        return text.append(document.healthy() ? "\nEverything is there; next: patch help" : "")
                .toString();
    }
}
