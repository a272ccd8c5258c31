package modelpatch.edit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.EntityNames;
import modelpatch.cases.FactTable;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.cases.Relations;
import modelpatch.cases.SuiteRecipe;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Knowledge;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.locate.Find;
import modelpatch.locate.Findings;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;

/**
 * A world that a random model knows, because its facts are what the model says: the object of a fact is the word with which the conformance
 * checkpoint {@code mistral} goes on after the fact's primary prompt. Single hops are then known by construction, compositions hardly ever
 * come out right, and everything from evaluation to the patch runs for real, in well under a second a step.
 */
public final class TinyWorld {
    public static final long SEED = 2;

    /** A random model has no locality to speak of: these limits let every edit through. */
    public static final Path OPEN_GATES = Path.of("src/test/resources/remedy/open-gates.yaml");

    private static final List<String> RELATIONS = List.of("home", "river", "guard");
    private static final int NAMES = 40;

    /** A name is one token; a random model never ends a sentence, and would go on to the end of whatever room it is given. */
    private static final int NEW_TOKENS = 4;

    private final Path folder;

    private TinyWorld(Path folder) {
        this.folder = folder;
    }

    /** Writes model, sentences and facts to a folder. */
    public static TinyWorld at(Path folder) throws IOException {
        return at(folder, Path.of("src", "test", "resources", "conformance", "mistral"));
    }

    /**
     * The same with another model.
     *
     * @param source a checkpoint with a vocabulary of 97
     */
    public static TinyWorld at(Path folder, Path source) throws IOException {
        TinyWorld world = new TinyWorld(folder);
        Files.createDirectories(world.model());
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(source.resolve(file), world.model().resolve(file));
        }
        Files.writeString(world.model().resolve("tokenizer.json"), tokenizer());
        Files.writeString(world.relations(), sentences());
        world.writeFacts();
        return world;
    }

    public Path model() {
        return folder.resolve("tiny");
    }

    public Path relations() {
        return folder.resolve("relations.yaml");
    }

    public Path facts() {
        return folder.resolve("facts.tsv");
    }

    public Path findingsFile() {
        return folder.resolve("findings.json");
    }

    /** The options by which a command takes up what was found here, names and values in turn. */
    public List<Object> options() {
        return List.of(
                "--model",
                model(),
                "--facts",
                facts(),
                "--relations",
                relations(),
                "--few-shot",
                "none",
                "--findings",
                findingsFile(),
                "--threads",
                "1");
    }

    public LanguageModel open() {
        return LanguageModel.open(model(), LoadOptions.defaults().withThreads(1));
    }

    public static Protocol protocol() {
        return new Protocol(Protocol.Kind.GENERATED, FewShot.none(Form.CLOZE), NEW_TOKENS);
    }

    public CaseSuite suite() {
        return CaseSuite.compose(
                FactTable.read(facts()), Relations.read(relations()), EntityNames.none(), SuiteRecipe.twoHops(SEED));
    }

    /** Evaluates the suite, finds, and keeps what was found in {@link #findingsFile()}. */
    public Findings find() {
        Background background =
                new Background(FactTable.read(facts()), Relations.read(relations()), EntityNames.none());
        Questions questions = new Questions(AskedSuite.of(suite(), background), protocol());
        try (LanguageModel model = open()) {
            return new Find(model, questions, Find.Options.defaults(SEED), Clock.systemUTC())
                    .run(Onlooker.NOBODY)
                    .askedBy(Map.of("new-tokens", String.valueOf(NEW_TOKENS)))
                    .writtenTo(findingsFile())
                    .findings();
        }
    }

    private static String name(int i) {
        return "n" + (char) ('a' + i / 10) + (char) ('a' + i % 10);
    }

    /** All words that sentences are made of, then names, up to the vocabulary of the checkpoint. */
    private static List<String> vocabulary() {
        Set<String> words = new LinkedHashSet<>(List.of("<unk>", ".", "Q", ":", "A", "?"));
        Stream.of(sentences().split("[^A-Za-z?]+")).forEach(words::add);
        words.remove("");
        for (int i = 0; i < NAMES; i++) {
            words.add(name(i));
        }
        List<String> all = new ArrayList<>(words);
        while (all.size() < 97) {
            all.add("w" + all.size());
        }
        if (all.size() > 97) {
            throw new IllegalStateException(all.size() + " words for a vocabulary of 97");
        }
        return all;
    }

    private static String sentences() {
        StringBuilder yaml = new StringBuilder("relations:\n");
        for (String id : RELATIONS) {
            yaml.append("  - id: ")
                    .append(id)
                    .append("\n    label: ")
                    .append(id)
                    .append("\n    objectType: thing\n");
            yaml.append("    nounPhrase: \"the ").append(id).append(" of {}\"\n");
            for (String split : List.of("edit", "validation", "test")) {
                String mark = split.substring(0, 1);
                yaml.append("    ").append(split).append(":\n      clozes:\n");
                yaml.append("        - \"")
                        .append(mark)
                        .append(" the ")
                        .append(id)
                        .append(" of {} is\"\n");
                yaml.append("        - \"")
                        .append(mark)
                        .append(" {} has as ")
                        .append(id)
                        .append("\"\n");
                yaml.append("      questions:\n        - \"")
                        .append(mark)
                        .append(" what is the ")
                        .append(id)
                        .append(" of {}?\"\n");
            }
        }
        return yaml.toString();
    }

    private static String tokenizer() throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode().put("version", "1.0");
        root.putNull("truncation").putNull("padding").putArray("added_tokens");
        root.putNull("normalizer");
        root.putObject("pre_tokenizer").put("type", "Whitespace");
        root.putNull("post_processor");
        root.putObject("decoder").put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        ObjectNode model = root.putObject("model").put("type", "WordLevel").put("unk_token", "<unk>");
        ObjectNode ids = model.putObject("vocab");
        List<String> words = vocabulary();
        for (int id = 0; id < words.size(); id++) {
            ids.put(words.get(id), id);
        }
        return json.writeValueAsString(root);
    }

    /** Every name has every relation; the object is the likeliest name after the primary prompt that is not the subject. */
    private void writeFacts() throws IOException {
        StringBuilder tsv = new StringBuilder("subject\trelation\trelation_label\tobject\n");
        Relations relations = Relations.read(relations());
        try (LanguageModel model = open()) {
            for (int i = 0; i < NAMES; i++) {
                for (String relation : RELATIONS) {
                    String prompt = relations.get(relation).primary().text().replace("{}", name(i));
                    float[] logits = model.nextLogits(
                                    new int[0], List.of(model.tokenizer().encode(prompt)))
                            .get(0);
                    int top = 0;
                    for (int id = 0; id < logits.length; id++) {
                        top = logits[id] > logits[top] ? id : top;
                    }
                    String said = vocabulary().get(top);
                    if (said.startsWith("n") && said.length() == 3 && !said.equals(name(i))) {
                        tsv.append(name(i))
                                .append('\t')
                                .append(relation)
                                .append('\t')
                                .append(relation)
                                .append('\t')
                                .append(said)
                                .append('\n');
                    }
                }
            }
        }
        Files.writeString(facts(), tsv.toString());
    }

    /** Makes prompts of this world's suite, by what was found of the model. */
    public PromptMaker prompts(LanguageModel model, Findings findings, List<String> contexts, List<String> mentions) {
        Knowledge knowledge = new Knowledge(
                new Examiner(model, protocol(), 64), findings.split().composed());
        return new PromptMaker(suite(), Form.CLOZE, knowledge, model.parameters(), contexts, mentions, 1);
    }

    /** Second moments of what a matrix reads, of some of the world's own sentences. */
    public static SecondMoments moments(LanguageModel model, PromptMaker prompts, EditedMatrix matrix, Path kept) {
        return new SecondMoments(
                model,
                model.digest(),
                matrix.reads(),
                new int[0],
                prompts.generic(20, false).stream()
                        .map(one -> model.tokenizer().encode(one))
                        .toList(),
                SecondMomentCache.at(kept));
    }
}
