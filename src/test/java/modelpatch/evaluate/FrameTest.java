package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrameTest {
    /** Every character a token; the post-processor puts {@code <s>} before a text. */
    private static final String CHARACTERS = """
            {"version":"1.0","truncation":null,"padding":null,
             "added_tokens":[{"id":0,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,
                              "special":true}],
             "normalizer":null,"pre_tokenizer":null,
             "post_processor":{"type":"TemplateProcessing",
                "single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
                "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
                "special_tokens":{"<s>":{"id":"<s>","ids":[0],"tokens":["<s>"]}}},
             "decoder":null,
             "model":{"type":"BPE","dropout":null,"unk_token":null,"fuse_unk":false,"byte_fallback":false,
                "vocab":{"<s>":0,"a":1,"b":2,"[":3,"]":4," ":5,"ab":6},"merges":["a b"]}}""";

    @TempDir
    Path folder;

    private Tokenizer tokenizer() throws IOException {
        return Tokenizer.read(Files.writeString(folder.resolve("tokenizer.json"), CHARACTERS));
    }

    @Test
    void aChatThatBeginsWithItsTokenGetsNoSecondOneAndOneWithoutGetsNone() throws IOException {
        try (Tokenizer tokenizer = tokenizer()) {
            Frame written = new Frame("<s>[", "]", true);
            assertThat(written.encode(tokenizer, written.around("a", ""))).containsExactly(0, 3, 1, 4);
            Frame without = new Frame("[", "]", true);
            assertThat(without.encode(tokenizer, without.around("a", ""))).containsExactly(3, 1, 4);
            assertThat(without.encodeWithOffsets(tokenizer, "[a]").tokenHolding(1))
                    .hasValue(1);
            assertThat(Frame.NONE.encode(tokenizer, "a")).containsExactly(0, 1);
        }
    }

    @Test
    void anAnswerBeginsATurnAndGoesOnASentence() throws IOException {
        try (Tokenizer tokenizer = tokenizer()) {
            assertThat(Frame.NONE.answer(tokenizer, "ab")).containsExactly(5, 6);
            assertThat(new Frame("[", "]", true).answer(tokenizer, "ab")).containsExactly(6);
            assertThat(new Frame("[", "a", true).answer(tokenizer, "b")).containsExactly(6); // as the model reads both
        }
    }

    @Test
    void promptsAnswersAndDemonstrationsStandInsideOfTheChat() {
        ScriptedModel model = ScriptedModel.silent();
        FewShot shots = new FewShot("two", Form.CLOZE, List.of("A is B.", "C is D."));
        Protocol protocol = Protocol.generated(shots);
        Protocol chat = new Protocol(
                Protocol.Kind.GENERATED,
                shots,
                Protocol.DEFAULT_NEW_TOKENS,
                Optional.of(new Chat("USER ", " MODEL ", Optional.empty())));
        int[] ids = new PromptEncoder(model, chat.frame()).encode("E is", 0);
        assertThat(model.tokenizer().decode(ids).replace("\n ", "\n").strip())
                .isEqualTo("USER A is B.\nC is D.\nE is MODEL");
        PromptEncoder.Continued answered = new PromptEncoder(model, chat.frame()).encode("E is", List.of("F"));
        assertThat(model.tokenizer().decode(answered.answers().get(0)).strip()).isEqualTo("F");
        assertThat(chat.identity()).startsWith(protocol.identity() + " / chat (");
        assertThat(chat.bare().frame().before()).isEqualTo("USER ");
        Chat turns = new Chat("U ", " M ", Optional.of(new Chat.Exchange(" A ", " N ")));
        FewShot asked = new FewShot("one", Form.QUESTION, List.of("Q: a?\nA: b"));
        assertThat(turns.before(asked)).isEqualTo("U Q: a?\nA: A b N ");
        assertThat(turns.before(shots)).isEqualTo("U " + shots.text());
        assertThat(chat.as(Protocol.Kind.SCORED).chat()).isEqualTo(chat.chat());
    }
}
