package modelpatch.cli;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.Numbers;
import modelpatch.Versions;
import modelpatch.engine.Gpus;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.report.Table;
import modelpatch.train.GoldenOutputs;
import picocli.CommandLine.Command;

/** {@code patch doctor}: whether this machine has what the toolkit needs, and what to do where it has not. */
@Command(
        name = "doctor",
        header = "Checks the machine: Java, cores, memory, engine, and the embedded model's answers.",
        footer = "  patch doctor --json")
final class DoctorCommand extends Subcommand {
    private static final long ENOUGH_MEMORY = 2L << 30;
    private static final String CACHE = System.getProperty("user.home") + "/.djl.ai";

    /** What the order of float32 sums may do to a logit from machine to machine. */
    private static final double LARGEST_DIFFERENCE = 1e-4;

    DoctorCommand(Terminal terminal) {
        super(terminal);
    }

    /** One line of the answer; {@code remedy} is null where nothing is wrong or missing. */
    record Check(String name, boolean passed, String found, String remedy) {}

    record DoctorDocument(
            String version, String java, String system, String engine, List<Check> checks, boolean healthy) {}

    @Override
    Answer answer() {
        List<Check> checks = new ArrayList<>();
        checks.add(java());
        checks.add(cores());
        checks.add(memory());
        Check engine = engine();
        checks.add(engine);
        if (engine.passed()) {
            checks.add(embedded());
            checks.add(gpu());
        }
        boolean healthy = checks.stream().allMatch(Check::passed);
        DoctorDocument document = new DoctorDocument(
                Versions.modelpatch(), Versions.java(), Versions.system(), Versions.engine(), checks, healthy);
        return new Answer(document, () -> text(document), healthy ? 0 : 1);
    }

    private static Check java() {
        int feature = Runtime.version().feature();
        return check("java", feature >= 17, Versions.java(), "install a JDK 17 or newer and set JAVA_HOME to it");
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

    /** Starts it: that the libraries lie there says little. */
    private static Check engine() {
        try {
            String started = LanguageModel.engineVersion();
            String other = Versions.engineOfBuild().startsWith(started + " ")
                    ? ""
                    : "; modelpatch is tested with " + Versions.engineOfBuild();
            return check("engine", true, started + " has started" + other, null);
        } catch (LinkageError | RuntimeException e) {
            return check(
                    "engine",
                    false,
                    "does not start on " + Versions.system() + ": " + e,
                    "it needs ai.djl.pytorch:pytorch-native-cpu of the engine's version with the classifier "
                            + classifier()
                            + " on the class path, which Maven adds by itself and Gradle does not (docs/howto/install.md), and 1 GB free in "
                            + CACHE);
        }
    }

    /** This machine as the engine's libraries are named. */
    private static String classifier() {
        String system = System.getProperty("os.name");
        String name = system.startsWith("Mac") ? "osx" : system.startsWith("Windows") ? "win" : "linux";
        return name + "-"
                + System.getProperty("os.arch").replace("amd64", "x86_64").replace("arm64", "aarch64");
    }

    /** Asks the embedded model again what it answered on the machine that trained it. */
    private Check embedded() {
        Path home = Installation.here().model(ModelOptions.EMBEDDED);
        if (!GoldenOutputs.standIn(home)) {
            return check("default model", false, "nothing at " + home, "get the repository's models/ folder again");
        }
        try (LanguageModel model = LanguageModel.open(home, LoadOptions.defaults())) {
            GoldenOutputs golden = GoldenOutputs.read(home);
            GoldenOutputs.Deviation deviation = golden.compare(model);
            boolean same = model.digest().equals(golden.digest());
            String found = (same ? "its weights" : "other weights than trained") + ", "
                    + (deviation.prompts() - deviation.differentTexts().size()) + " of " + deviation.prompts()
                    + " answers as on the machine that trained it, largest difference of a logit "
                    + Numbers.format("%.1e", deviation.largestDifference());
            boolean passed =
                    same && deviation.differentTexts().isEmpty() && deviation.largestDifference() <= LARGEST_DIFFERENCE;
            return check(
                    "default model", passed, found, "get models/default again; if that does not help, report this");
        } catch (BadInput e) {
            return check("default model", false, e.getMessage(), "get models/default again");
        }
    }

    /** Nothing needs one, so there is no verdict of no; {@code --device gpu} on a machine without ends before the checks. */
    private static Check gpu() {
        Gpus gpus = Gpus.here();
        return new Check(
                "gpu",
                true,
                gpus.found() + (gpus.usable() ? "" : "; none is needed"),
                gpus.usable() ? null : "for --device gpu " + Gpus.HOW_TO);
    }

    private static Check check(String name, boolean passed, String found, String remedy) {
        return new Check(name, passed, found, passed ? null : remedy);
    }

    private static String text(DoctorDocument document) {
        Table table = Table.of("check", "verdict", "found");
        document.checks().forEach(check -> table.row(check.name(), check.passed() ? "ok" : "no", check.found()));
        StringBuilder text = new StringBuilder("modelpatch " + document.version() + "\n\n" + table + "\n");
        document.checks().stream()
                .filter(check -> check.remedy() != null)
                .forEach(check ->
                        text.append('\n').append(check.name()).append(": ").append(check.remedy()));
        return text.append(document.healthy() ? "\neverything is as it should be" : "")
                .toString();
    }
}
