package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;

/**
 * How the makers of a model write a chat as one text: a Jinja template beside the tokenizer (tokenizer_config.json, chat_template.jinja,
 * chat_template.json) or in a GGUF file's metadata, read as Hugging Face transformers reads it. A template is a stranger's program; it runs
 * within limits and reaches nothing but the chat ({@link JinjaTemplate}).
 */
public final class ChatTemplate {
    /** Stands where a prompt will; no letters that a template might look for. */
    private static final List<String> PLACES = List.of("\u2402\u2402\u2402", "\u2403\u2403");

    private final String where;
    private final JinjaTemplate template;
    private final Map<String, String> tokens;

    private ChatTemplate(String where, JinjaTemplate template, Map<String, String> tokens) {
        this.where = where;
        this.template = template;
        this.tokens = Map.copyOf(tokens);
    }

    /**
     * A turn of a chat.
     *
     * @param role such as {@code user}
     */
    public record Message(String role, String content) {
        private Map<String, Object> variables() {
            Map<String, Object> variables = new LinkedHashMap<>();
            variables.put("role", role);
            variables.put("content", content);
            return variables;
        }
    }

    /** What stands around a prompt that a user says and a model is to answer. */
    public record Turn(String before, String after) {}

    /**
     * What parts the turns of a chat.
     *
     * @param answer between what a user said and what the model said
     * @param next between that and what the user says next
     */
    public record Exchange(String answer, String next) {}

    /**
     * The default template of a checkpoint.
     *
     * @throws BadInput where there is none
     */
    public static ChatTemplate of(Checkpoint checkpoint) {
        Map<String, JsonNode> named = ChatTemplates.of(checkpoint);
        JsonNode found = Optional.ofNullable(named.get(ChatTemplates.TEMPLATE))
                .or(() -> named.values().stream().filter(JsonNode::isTextual).findFirst())
                .orElseThrow(() -> new BadInput(
                        "no chat template",
                        checkpoint.path().toString(),
                        "chat_template in tokenizer_config.json, chat_template.jinja, or tokenizer.chat_template in a GGUF file",
                        "none",
                        "leave --chat out, or bring the template of the model's makers"));
        String where = "chat template of " + checkpoint.path();
        return new ChatTemplate(where, JinjaTemplate.of(found.asText(), where), ChatTemplates.tokens(checkpoint));
    }

    /**
     * A template at hand.
     *
     * @param tokens {@code bos_token} and its like, as they are written
     */
    static ChatTemplate of(String template, String where, Map<String, String> tokens) {
        return new ChatTemplate(where, JinjaTemplate.of(template, where), tokens);
    }

    /**
     * The text of a chat that the model is to go on with, as {@code apply_chat_template} with a generation prompt gives it.
     *
     * @param clock what a template that asks for the date is told
     * @throws BadInput with the template's own words where it refuses the chat, or where it cannot be run
     */
    public String text(List<Message> chat, Clock clock) {
        Map<String, Object> variables = new LinkedHashMap<>(tokens);
        variables.put("messages", chat.stream().map(Message::variables).toList());
        variables.put("add_generation_prompt", true);
        return template.render(variables, clock);
    }

    /**
     * What stands around any prompt of a user.
     *
     * @throws BadInput also for a template that does not write a prompt as it stands, once
     */
    public Turn turn(Clock clock) {
        List<Turn> turns = new ArrayList<>();
        for (String place : PLACES) {
            String text = text(List.of(new Message("user", place)), clock);
            int at = text.indexOf(place);
            if (at < 0 || text.indexOf(place, at + 1) >= 0) {
                throw bad(
                        "a chat template that does not write a prompt once", at < 0 ? "not at all" : "more than once");
            }
            turns.add(new Turn(text.substring(0, at), text.substring(at + place.length())));
        }
        if (!turns.get(0).equals(turns.get(1))) {
            throw bad("a chat template whose words change with the prompt", "other words around another prompt");
        }
        return turns.get(0);
    }

    /**
     * What parts the turns of a chat that begins and ends as {@link #turn} does; empty for a template that writes no such chat, or writes its
     * turns not all alike.
     */
    public Optional<Exchange> exchange(Clock clock) {
        String mark = PLACES.get(0);
        Turn turn = turn(clock);
        List<Message> chat = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            chat.add(new Message(i % 2 == 0 ? "user" : "assistant", mark));
        }
        String text;
        try {
            text = text(chat, clock);
        } catch (BadInput refused) {
            return Optional.empty();
        }
        List<String> parts = List.of(text.split(mark, -1));
        boolean alike = parts.size() == 6
                && parts.get(0).equals(turn.before())
                && parts.get(5).equals(turn.after())
                && parts.get(1).equals(parts.get(3))
                && parts.get(2).equals(parts.get(4));
        return alike ? Optional.of(new Exchange(parts.get(1), parts.get(2))) : Optional.empty();
    }

    private BadInput bad(String what, String found) {
        return new BadInput(what, where, "the prompt once, the same words around any", found, "leave --chat out");
    }
}
