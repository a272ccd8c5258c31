package modelpatch.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import modelpatch.BadInput;
import modelpatch.tokenizer.ChatTemplate.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Chats as the reference writes them. The templates in src/test/resources/chat are written for this test, with the constructs of the families
 * that they are named for; the texts are those of transformers 5.24.
 */
class ChatTemplateTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);
    private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");
    private static final JsonNode TEMPLATES = read("templates.json");
    private static final JsonNode GOLDEN = read("golden.json");

    private static JsonNode read(String name) {
        try {
            return new ObjectMapper()
                    .readTree(Path.of("src/test/resources/chat", name).toFile());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static Stream<String> names() {
        return StreamSupport.stream(((Iterable<String>) TEMPLATES::fieldNames).spliterator(), false);
    }

    private static ChatTemplate template(String text) {
        return ChatTemplate.of(text, "a test", TOKENS);
    }

    private static List<Message> chat(String title) {
        List<Message> chat = new ArrayList<>();
        GOLDEN.at("/chats/" + title)
                .forEach(one -> chat.add(new Message(
                        one.path("role").asText(), one.path("content").asText())));
        return chat;
    }

    @ParameterizedTest
    @MethodSource("names")
    void aChatIsTheTextThatTheReferenceMakesOfItOrIsRefusedWhereItIsRefusedThere(String name) {
        ChatTemplate template = template(TEMPLATES.path(name).asText());
        for (Map.Entry<String, JsonNode> expected : GOLDEN.at("/golden/" + name).properties()) {
            List<Message> chat = chat(expected.getKey());
            if (expected.getValue().isNull()) {
                assertThatThrownBy(() -> template.text(chat, CLOCK))
                        .isInstanceOf(BadInput.class)
                        .hasMessageContaining("it refuses: Turns must alternate");
            } else {
                assertThat(template.text(chat, CLOCK))
                        .as(expected.getKey())
                        .isEqualTo(expected.getValue().asText());
            }
        }
    }

    @Test
    void whatStandsAroundAPromptIsTheRestOfItsText() {
        ChatTemplate template = template(TEMPLATES.path("gemma").asText());
        ChatTemplate.Turn turn = template.turn(CLOCK);
        String prompt = "Who wrote it?";
        assertThat(turn.before() + prompt + turn.after())
                .isEqualTo(template.text(List.of(new Message("user", prompt)), CLOCK));
        assertThat(turn.before()).startsWith("<s>");
        ChatTemplate.Exchange parts = template.exchange(CLOCK).orElseThrow();
        List<Message> chat =
                List.of(new Message("user", "One?"), new Message("assistant", "Yes"), new Message("user", prompt));
        assertThat(turn.before() + "One?" + parts.answer() + "Yes" + parts.next() + prompt + turn.after())
                .isEqualTo(template.text(chat, CLOCK));
        assertThat(template("{{ messages[0].content }}{% if messages[1:] %}{{ raise_exception('no') }}{% endif %}")
                        .exchange(CLOCK))
                .isEmpty();
    }

    @Test
    void theDateIsTheClocks() {
        assertThat(template("{{ strftime_now('%d %b %Y, %-d %B %H:%M') }}").text(List.of(), CLOCK))
                .isEqualTo("02 Jan 2026, 2 January 03:04");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ messages[0].content }}{{ messages[0].content }}",
                "nothing of it",
                "{{ messages[0].content | length }}{{ messages[0].content }}"
            })
    void aTemplateThatDoesNotWriteAPromptOnceAndAlikeIsRefused(String text) {
        assertThatThrownBy(() -> template(text).turn(CLOCK))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("chat template")
                .hasMessageContaining("leave --chat out");
    }

    /** A stranger's program: it reaches no Java and no file, and ends. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ messages.getClass() }}",
                "{{ ''.getClass().forName('java.lang.Runtime') }}",
                "{{ messages[0].content.getBytes() }}",
                "{{ ____int3rpr3t3r____.getConfig() }}",
                "{{ ____int3rpr3t3r____.render('x') }}",
                "{% include '/etc/passwd' %}",
                "{% import '/etc/passwd' as x %}",
                "{% from '/etc/passwd' import x %}",
                "{% extends '/etc/passwd' %}",
                "{% for a in range(9000) %}{{ 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'"
                        + " * 100 }}{% endfor %}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{{ messages | nosuchfilter }}",
                "{{ nosuchfunction() }}",
                "{% nosuchtag %}",
                "{% if %}",
                "{{ messages[0].content.nosuchmethod() }}",
                "{{ strftime_now('%Q') }}",
            })
    void whatATemplateMayNotOrCannotDoIsOneMessage(String text) {
        assertThatThrownBy(() -> template(text).text(chat("user"), CLOCK))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("a chat template that cannot be used");
    }

    @Test
    void javasMembersOfAValueAreNoMembersHere() {
        assertThat(template("[{{ ''.class }}{{ messages.class }}{{ messages[0].bytes }}]")
                        .text(chat("user"), CLOCK))
                .isEqualTo("[]");
    }

    @Test
    void aTemplateThatDoesNotEndIsEnded() {
        String loops = "{% for a in range(9000) %}{% for b in range(9000) %}{% for c in range(9000) %}{% endfor %}"
                + "{% endfor %}{% endfor %}";
        assertThatThrownBy(() -> template(loops).text(List.of(), CLOCK))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no end within");
    }

    @Test
    void aTemplateOfMegabytesIsNone() {
        String text = "x".repeat(1 << 20);
        assertThatThrownBy(() -> template(text)).isInstanceOf(BadInput.class).hasMessageContaining("too long");
    }
}
