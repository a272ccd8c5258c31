package modelpatch.repair;

import java.util.Set;
import modelpatch.model.AnswerModel;

/** No remedy: what every other one is compared with. */
record Untreated(AnswerModel answers) implements Remedy {
    @Override
    public String name() {
        return "none";
    }

    @Override
    public Footprint footprint() {
        return new Footprint(Set.of(), 0);
    }

    @Override
    public void close() {}
}
