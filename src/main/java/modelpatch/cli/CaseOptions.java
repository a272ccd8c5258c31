package modelpatch.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.EntityNames;
import modelpatch.cases.FactTable;
import modelpatch.cases.Relations;
import modelpatch.cases.SuiteFile;
import modelpatch.cases.SuiteRecipe;
import modelpatch.evaluate.KnownSample;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.Findings;
import modelpatch.train.World;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Which cases a command asks: composed from facts, or read from a suite file. */
final class CaseOptions {
    static final String RELATIONS = "relations.yaml";
    private static final int USUAL_HOPS = 2;

    @Option(
            names = "--facts",
            paramLabel = "FILE",
            description =
                    "facts as TSV with the columns subject, relation, relation_label, object and optionally aliases")
    Path facts;

    @Option(
            names = "--suite",
            paramLabel = "FILE",
            description =
                    "a suite as JSON Lines (see eval/README.md), or the JSON file of MQuAKE, CounterFact or zsRE, instead of "
                            + "--facts")
    Path suite;

    @Option(
            names = "--relations",
            paramLabel = "FILE",
            description =
                    "how English says the relations, as YAML; an entities.tsv beside it says the names "
                            + "(default: relations.yaml beside the facts or the suite, else eval/relations.yaml of this project)",
            showDefaultValue = Visibility.NEVER)
    Path relations;

    @Option(
            names = "--hops",
            paramLabel = "N",
            description = "facts in a row that a case composes (default: 2; of a suite, all its lengths)",
            showDefaultValue = Visibility.NEVER)
    Integer hops;

    @Option(
            names = "--max-cases",
            paramLabel = "N",
            description = "take only N cases, drawn by the seed; find goes on until N cases are known, every hop right,"
                    + " or all are asked (default: all)",
            showDefaultValue = Visibility.NEVER)
    Integer maxCases;

    @Option(
            names = "--labels",
            paramLabel = "WHOSE",
            defaultValue = "gold",
            description =
                    "whose answers count: those of the cases, or slow, the model's own when it is asked hop by hop, kept where two"
                            + " wordings agree: ${COMPLETION-CANDIDATES}")
    Labels labels;

    /** Whose answers count. */
    enum Labels {
        GOLD,
        SLOW
    }

    Path relationsFile() {
        if (relations != null) {
            return relations;
        }
        return Optional.ofNullable(source())
                .map(file -> file.toAbsolutePath().resolveSibling(RELATIONS))
                .filter(Files::exists)
                .orElseGet(() -> Installation.here().relations());
    }

    EntityNames names() {
        return EntityNames.beside(relationsFile());
    }

    /** All that the options name; an embedded model without any is asked the held-out compositions of its own world. */
    AskedSuite asked(ModelOptions model, PatchedModel opened, long seed) {
        Path home = opened.base().checkpoint().path();
        if (facts == null && suite == null && model.embedded() && Files.exists(home.resolve("world.json"))) {
            if (hops != null && hops != USUAL_HOPS) {
                throw new BadInput(
                        "no such chains",
                        "--hops",
                        "2, as all compositions of the embedded model's own world",
                        String.valueOf(hops),
                        "leave it out, or give --facts");
            }
            return World.read(home).asked();
        }
        CaseSuite all = suite(seed);
        Relations sentences = Relations.read(relationsFile());
        return facts == null
                ? AskedSuite.of(all, sentences, names())
                : AskedSuite.of(all, new Background(FactTable.read(facts), sentences, names()));
    }

    /** The file that the cases come from. */
    Path source() {
        return suite == null ? facts : suite;
    }

    /** All cases, before any cap or sample. */
    CaseSuite suite(long seed) {
        int length = hops == null ? USUAL_HOPS : hops;
        if (length < 1) {
            throw new BadInput("no chain", "--hops", "1 or more", String.valueOf(length), "2 is usual");
        }
        if ((facts == null) == (suite == null)) {
            throw new BadInput(
                    "which cases",
                    "command line",
                    "--facts FILE or --suite FILE",
                    facts == null ? "neither" : "both",
                    "give one");
        }
        SuiteRecipe recipe = new SuiteRecipe(length, length, seed);
        Relations sentences = Relations.read(relationsFile());
        CaseSuite all = suite == null
                ? CaseSuite.compose(FactTable.read(facts), sentences, names(), recipe)
                : ofLength(SuiteFile.read(suite, sentences, names(), recipe));
        if (all.cases().isEmpty()) {
            throw new BadInput(
                    "no cases",
                    String.valueOf(source()),
                    suite == null
                            ? "at least one chain of " + length + " facts that have sentences"
                            : "at least one case" + (hops == null ? "" : " of " + hops + " hops"),
                    all.counts().facts() + " facts, " + all.counts().chains() + " chains, all refused" + reasons(all),
                    suite == null
                            ? "give facts that join, or --hops"
                            : "give relations by --relations, or other cases");
        }
        return all;
    }

    private CaseSuite ofLength(CaseSuite read) {
        return hops == null ? read : read.only(one -> one.hops().size() == hops);
    }

    private static String reasons(CaseSuite all) {
        String counted = all.counts().refused().entrySet().stream()
                .filter(reason -> reason.getValue() > 0)
                .map(reason -> reason.getValue() + " because " + reason.getKey().reason())
                .collect(Collectors.joining(", "));
        return counted.isEmpty() ? "" : ": " + counted;
    }

    /** The suite, or as many of its cases as were asked for. */
    CaseSuite sampled(CaseSuite all, long seed) {
        return most() == 0 ? all : all.sample(most(), seed);
    }

    /** @throws BadInput where so many cases are named as findings were not made of */
    void requireSampleOf(Findings findings) {
        int wanted = findings.sample().map(KnownSample::wanted).orElse(0);
        if (maxCases != null && most() != wanted) {
            throw new BadInput(
                    "other cases than those of the findings",
                    "--max-cases " + maxCases,
                    wanted == 0 ? "none, as all cases were asked" : String.valueOf(wanted),
                    String.valueOf(maxCases),
                    "leave it out here, or give it to `patch find`");
        }
    }

    /** How many cases were asked for; 0 for all. */
    int most() {
        if (maxCases != null && maxCases < 1) {
            throw new BadInput(
                    "no cases", "--max-cases", "1 or more", String.valueOf(maxCases), "leave it out for all");
        }
        return maxCases == null ? 0 : maxCases;
    }
}
