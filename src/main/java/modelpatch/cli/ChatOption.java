package modelpatch.cli;

import modelpatch.evaluate.Chat;
import modelpatch.evaluate.Frame;
import modelpatch.model.LanguageModel;
import modelpatch.tokenizer.ChatTemplate;
import picocli.CommandLine.Option;

/** Whether a prompt is what a user says in a chat. */
final class ChatOption {
    @Option(
            names = "--chat",
            description =
                    "put the prompt through the model's chat template: it is a user's turn, the answer the model's")
    boolean chat;

    /** The words of a model's chat around a user's turn. */
    static Chat of(LanguageModel model, Subcommand command) {
        ChatTemplate template = ChatTemplate.of(model.checkpoint());
        ChatTemplate.Turn turn = template.turn(command.terminal.clock());
        return new Chat(
                turn.before(),
                turn.after(),
                template.exchange(command.terminal.clock()).map(one -> new Chat.Exchange(one.answer(), one.next())));
    }

    Frame frame(LanguageModel model, Subcommand command) {
        return frame(chat, model, command);
    }

    static Frame frame(boolean chat, LanguageModel model, Subcommand command) {
        return chat ? Frame.of(of(model, command)) : Frame.NONE;
    }
}
