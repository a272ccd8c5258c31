package modelpatch.train;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import modelpatch.cases.Fact;
import modelpatch.cases.Form;
import modelpatch.cases.Relation;
import modelpatch.cases.Template;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.RecordFile;

/**
 * Makes the tokenizer of a world: every word of its sentences and names is a token, every other word is unknown. The file has the form of
 * Hugging Face {@code tokenizers} (its {@code WordLevel} model and {@code Whitespace} rule).
 */
final class WordTokenizer {
    static final String BEGINNING = "<bos>";
    static final String UNKNOWN = "<unk>";
    /** Ends every sentence; the model's end-of-sequence token. */
    static final String STOP = ".";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private WordTokenizer() {}

    /** The vocabulary in the order of ids: the three marks above, then every word in code point order. */
    static List<String> vocabulary(World world) {
        TreeSet<String> words = new TreeSet<>();
        for (Relation relation : world.relations().all()) {
            words.addAll(Words.of(relation.nounPhrase().replace(Template.SLOT, " ")));
            for (Template template : relation.templates()) {
                words.addAll(Words.of(template.text().replace(Template.SLOT, " X")));
            }
        }
        words.remove("X");
        for (Form form : Form.values()) {
            words.addAll(Words.of(form.before() + form.after()));
        }
        for (Fact fact : world.facts().facts()) {
            words.addAll(Words.of(world.names().inSentence(fact.subject())));
            words.addAll(Words.of(fact.object()));
        }
        if (words.contains(STOP)) {
            throw new IllegalArgumentException("a full stop stands inside a sentence or name of the world");
        }
        List<String> vocabulary = new ArrayList<>(List.of(BEGINNING, UNKNOWN, STOP));
        vocabulary.addAll(words);
        return List.copyOf(vocabulary);
    }

    static void write(List<String> vocabulary, Path file) {
        AtomicFile.write(file, out -> out.write(RecordFile.lines(json(vocabulary))));
    }

    private static ObjectNode json(List<String> vocabulary) {
        ObjectNode tokenizer = JSON.objectNode().put("version", "1.0");
        tokenizer.putNull("truncation").putNull("padding");
        tokenizer.set(
                "added_tokens", JSON.arrayNode().add(special(0, BEGINNING)).add(special(1, UNKNOWN)));
        tokenizer.putNull("normalizer");
        tokenizer.set("pre_tokenizer", JSON.objectNode().put("type", "Whitespace"));
        tokenizer.set("post_processor", beginsSequences());
        tokenizer.set("decoder", decoder());
        ObjectNode model = JSON.objectNode().put("type", "WordLevel");
        ObjectNode ids = model.putObject("vocab");
        for (int id = 0; id < vocabulary.size(); id++) {
            ids.put(vocabulary.get(id), id);
        }
        tokenizer.set("model", model.put("unk_token", UNKNOWN));
        return tokenizer;
    }

    private static ObjectNode special(int id, String content) {
        return JSON.objectNode()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    private static ObjectNode beginsSequences() {
        ObjectNode beginning = JSON.objectNode();
        beginning.putObject("SpecialToken").put("id", BEGINNING).put("type_id", 0);
        ObjectNode first = JSON.objectNode();
        first.putObject("Sequence").put("id", "A").put("type_id", 0);
        ObjectNode second = JSON.objectNode();
        second.putObject("Sequence").put("id", "B").put("type_id", 0);
        ObjectNode processor = JSON.objectNode().put("type", "TemplateProcessing");
        processor.set("single", JSON.arrayNode().add(beginning).add(first));
        processor.set(
                "pair",
                JSON.arrayNode().add(beginning.deepCopy()).add(first.deepCopy()).add(second));
        ObjectNode token =
                processor.putObject("special_tokens").putObject(BEGINNING).put("id", BEGINNING);
        token.putArray("ids").add(0);
        token.putArray("tokens").add(BEGINNING);
        return processor;
    }

    /** Words joined by spaces, but for the marks that English writes without one before them. */
    private static ObjectNode decoder() {
        ObjectNode words =
                JSON.objectNode().put("type", "WordPiece").put("prefix", "##").put("cleanup", true);
        ObjectNode colon = JSON.objectNode().put("type", "Replace").put("content", ":");
        colon.putObject("pattern").put("String", " :");
        ArrayNode steps = JSON.arrayNode().add(words).add(colon);
        return JSON.objectNode().put("type", "Sequence").set("decoders", steps);
    }
}
