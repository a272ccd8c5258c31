package modelpatch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Format;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.Formatter;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The layout that the project promises: which package may know which, and which package is the door to which library. */
class ArchitectureTest {
    private static final Path SOURCES = Path.of("src", "main", "java", "modelpatch");

    private static final JavaClasses CLASSES = Production.CLASSES;

    /** Package to the packages it may import; the root package and {@code document} are open to all. */
    private static final Map<String, Set<String>> MAY_IMPORT = Map.ofEntries(
            Map.entry("document", Set.of()),
            Map.entry("cases", Set.of()),
            Map.entry("family", Set.of()),
            Map.entry("checkpoint", Set.of("family")),
            Map.entry("architecture", Set.of("family", "checkpoint")),
            Map.entry("tokenizer", Set.of("checkpoint")),
            Map.entry("engine", Set.of()),
            Map.entry("model", Set.of("checkpoint", "family", "tokenizer", "architecture", "engine")),
            Map.entry("evaluate", Set.of("cases", "checkpoint", "tokenizer", "model")),
            Map.entry("train", Set.of("cases", "checkpoint", "tokenizer", "architecture", "model", "evaluate")),
            // what suppresses an implicit result is a closed form
            Map.entry(
                    "locate", Set.of("cases", "checkpoint", "tokenizer", "architecture", "model", "evaluate", "solve")),
            Map.entry("solve", Set.of()),
            Map.entry("hub", Set.of()),
            Map.entry("patch", Set.of("checkpoint", "architecture", "model", "solve")),
            Map.entry(
                    "edit",
                    Set.of("cases", "checkpoint", "architecture", "model", "evaluate", "locate", "patch", "solve")),
            Map.entry("repair", Set.of("cases", "checkpoint", "model", "evaluate", "locate", "patch", "edit", "guard")),
            // a suite brings its few-shot prefix, names the places of its mistakes, and is written atomically
            Map.entry(
                    "guard", Set.of("cases", "checkpoint", "tokenizer", "architecture", "model", "evaluate", "patch")),
            // fast and slow answers are asked of a model with its patches
            Map.entry(
                    "thinking",
                    Set.of("cases", "checkpoint", "tokenizer", "architecture", "model", "evaluate", "guard")),
            // remedies are judged like patches, on what was found, by the same limits
            Map.entry(
                    "remedy",
                    Set.of(
                            "cases",
                            "checkpoint",
                            "tokenizer",
                            "architecture",
                            "model",
                            "evaluate",
                            "locate",
                            "patch",
                            "guard",
                            "repair",
                            "thinking",
                            "adapt",
                            "guide")),
            Map.entry("junit", Set.of("evaluate", "guard")),
            // what is trained for a question is asked for what was found, may be promoted through the gates, and is
            // kept as an export
            Map.entry(
                    "adapt",
                    Set.of(
                            "cases",
                            "checkpoint",
                            "tokenizer",
                            "architecture",
                            "model",
                            "evaluate",
                            "locate",
                            "patch",
                            "guard",
                            "repair",
                            "export")),
            // what is exported must pass the suites that guard it, and is measured like them
            Map.entry(
                    "export",
                    Set.of(
                            "cases",
                            "family",
                            "tokenizer",
                            "architecture",
                            "model",
                            "patch",
                            "checkpoint",
                            "solve",
                            "evaluate",
                            "guard")),
            // a guider is trained on a world of its own, kept as an adapter, and judged on what was found
            Map.entry(
                    "guide",
                    Set.of(
                            "cases",
                            "checkpoint",
                            "tokenizer",
                            "architecture",
                            "model",
                            "evaluate",
                            "train",
                            "locate",
                            "patch",
                            "guard",
                            "repair",
                            "export",
                            "adapt")),
            // a room of its own within export, which knows nothing of the room around it
            Map.entry("export.foreign", Set.of("checkpoint")),
            Map.entry(
                    "report",
                    Set.of(
                            "cases",
                            "checkpoint",
                            "tokenizer",
                            "architecture",
                            "model",
                            "evaluate",
                            "locate",
                            "patch",
                            "edit",
                            "guard",
                            "repair",
                            "thinking",
                            "remedy",
                            "export",
                            "export.foreign",
                            "adapt",
                            "guide")));

    @Test
    void packagesHaveNoCycles() {
        slices().matching("modelpatch.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void packagesImportOnlyWhatTheLayoutAllows() {
        Set<String> packages = packages();
        packages.remove("cli");
        assertThat(MAY_IMPORT.keySet()).as("a rule for every package").containsAll(packages);
        for (String name : packages) {
            Stream<String> allowed = Stream.concat(Stream.of(name), MAY_IMPORT.get(name).stream());
            String[] ours = Stream.concat(
                            Stream.of("modelpatch", "modelpatch.document.."),
                            allowed.map(other -> "modelpatch." + other + ".."))
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("modelpatch." + name + "..")
                    .should()
                    .dependOnClassesThat(resideInAPackage("modelpatch..").and(not(resideInAnyPackage(ours))))
                    .check(CLASSES);
        }
    }

    @Test
    void everyLibraryHasItsDoor() {
        door("ai.djl..", "engine", "tokenizer");
        door("ai.djl.pytorch..", "engine");
        door("ai.djl.huggingface..", "tokenizer");
        door("com.hubspot..", "tokenizer");
        door("jinjava..", "tokenizer");
        door("org.ejml..", "solve");
        door("org.apache.commons.statistics..", "evaluate");
        door("picocli..", "cli");
        door("me.tongfei..", "cli");
        door("ai.onnxruntime..", "export");
        door("com.google.errorprone..");
        door("java.net.http..", "hub");
        door("org.junit..", "junit");
        door("org.opentest4j..", "junit");
        door("com.fasterxml.jackson.dataformat..", "document", "family");
    }

    /** So that strictness, digits and messages are the same everywhere. The table of families is part of the program, with rules of its own. */
    @Test
    void jsonIsReadAndWrittenByTheRulesOfOnePackage() {
        noClasses()
                .that()
                .resideOutsideOfPackages("modelpatch.document..", "modelpatch.family..")
                .should()
                .callConstructor(ObjectMapper.class)
                .orShould()
                .callMethod(JsonMapper.class, "builder")
                .orShould()
                .callConstructor(JsonFactory.class)
                .check(CLASSES);
    }

    private static void door(String library, String... packages) {
        noClasses()
                .that()
                .resideOutsideOfPackages(Stream.concat(
                                Stream.of("modelpatch"), Stream.of(packages).map(name -> "modelpatch." + name + ".."))
                        .toArray(String[]::new))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    /** The package junit is an entry point too: nobody hands it a clock. */
    @Test
    void onlyTheCommandLinePrintsExitsReadsTheClockOrRollsItsOwnDice() {
        noClasses()
                .that()
                .resideOutsideOfPackage("modelpatch.cli..")
                .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
                .check(CLASSES);
        noClasses()
                .that()
                .resideOutsideOfPackages("modelpatch.cli..", "modelpatch.junit..")
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .orShould()
                .callMethod(Clock.class, "systemDefaultZone")
                .orShould()
                .callConstructor(Date.class)
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .callMethod(ThreadLocalRandom.class, "current")
                .check(CLASSES);
    }

    /** Everything else would write numbers in the language of the user's machine, or forget one day not to. */
    @Test
    void onlyOneClassFormatsNumbers() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(Numbers.class.getName())
                .should()
                .callMethodWhere(target(owner(assignableTo(String.class))).and(target(nameMatching("format(ted)?"))))
                .orShould()
                .callMethodWhere(
                        target(owner(assignableTo(PrintStream.class))).and(target(nameMatching("format|printf"))))
                .orShould()
                .callMethodWhere(
                        target(owner(assignableTo(PrintWriter.class))).and(target(nameMatching("format|printf"))))
                .orShould()
                .dependOnClassesThat(assignableTo(Formatter.class))
                .orShould()
                .dependOnClassesThat(assignableTo(Format.class))
                .check(CLASSES);
    }

    @Test
    void theCommandLineShowsNothingButItsEntryPoint() {
        classes()
                .that()
                .resideInAPackage("modelpatch.cli..")
                .and()
                .doNotHaveSimpleName("PatchCli")
                .should()
                .notBePublic()
                .check(CLASSES);
    }

    /** A view that no command shows has no reader. */
    @Test
    void everyViewIsShown() {
        classes()
                .that()
                .resideInAPackage("modelpatch.report..")
                .and()
                .arePublic()
                .should(haveAReader())
                .check(CLASSES);
    }

    private static ArchCondition<JavaClass> haveAReader() {
        return new ArchCondition<>("be shown by a command") {
            @Override
            public void check(JavaClass view, ConditionEvents events) {
                boolean shown = view.getDirectDependenciesToSelf().stream()
                        .anyMatch(one -> !one.getOriginClass().getPackageName().equals(view.getPackageName()));
                events.add(new SimpleConditionEvent(view, shown, view.getName() + " is shown by no command"));
            }
        };
    }

    @Test
    void everyPackageSaysWhatItIsFor() throws IOException {
        for (Path folder : folders()) {
            Path info = folder.resolve("package-info.java");
            assertThat(info).isRegularFile();
            assertThat(Files.readString(info)).as(info.toString()).startsWith("/**");
        }
    }

    @Test
    void everyFileCanBeReadInOneSitting() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).collect(Collectors.toList())) {
                try (Stream<String> lines = Files.lines(file)) {
                    assertThat(lines.count()).as(file.toString()).isLessThan(500);
                }
            }
        }
    }

    private static List<Path> folders() throws IOException {
        try (Stream<Path> folders = Files.walk(SOURCES)) {
            return folders.filter(Files::isDirectory).collect(Collectors.toList());
        }
    }

    private static Set<String> packages() {
        return CLASSES.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith("modelpatch."))
                .map(name -> name.substring("modelpatch.".length()))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
