package modelpatch.evaluate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.time.Clock;
import java.util.List;
import modelpatch.model.LanguageModel;

/** A batch of questions, put to a model side by side. */
record Asking(Protocol protocol, List<Question> questions) implements Piece<List<Reply>> {
    Asking {
        questions = List.copyOf(questions);
    }

    @Override
    public String name() {
        return "replies under " + protocol.identity() + " to " + questions;
    }

    @Override
    public TypeReference<List<Reply>> type() {
        return new TypeReference<>() {};
    }

    @Override
    public List<Reply> on(LanguageModel model, Clock clock) {
        return new Examiner(model, protocol, questions.size()).answer(questions);
    }
}
