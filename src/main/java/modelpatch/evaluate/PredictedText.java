package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import modelpatch.cases.Background;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.Mentions;

/** Tells what a wrong answer is by comparing the predicted text with the facts and with the names of their entities. */
public final class PredictedText {
    /** What names another entity of the question is no part of the answer's name, whatever its letters. */
    private static final Set<WrongAnswer> CLEARLY_WRONG =
            Set.of(WrongAnswer.NOTHING, WrongAnswer.BRIDGE, WrongAnswer.SUBJECT, WrongAnswer.SHORTCUT);

    private static final Pattern ARTICLE = Pattern.compile("^(the|an?) ", Pattern.CASE_INSENSITIVE);
    private static final int SHORTEST_PART = 3;

    private final Background background;

    public PredictedText(Background background) {
        this.background = background;
    }

    /** What the predicted text is, given that it is not the answer. */
    public WrongAnswer kind(CompositionalCase one, String predicted) {
        Verdict asBridge = AnswerMatch.judge(predicted, bridgeNames(one));
        String relation = one.lastHop().relation();
        Predicate<Fact> named = fact -> names(predicted, fact);
        Collection<Fact> ofSubject = background.facts().about(one.subject());
        if (asBridge == Verdict.UNPARSED) {
            return WrongAnswer.NOTHING;
        }
        if (asBridge == Verdict.RIGHT) {
            return WrongAnswer.BRIDGE;
        }
        if (ofSubject.stream().filter(fact -> fact.relation().equals(relation)).anyMatch(named)) {
            return WrongAnswer.SHORTCUT;
        }
        if (AnswerMatch.judge(predicted, entityNames(one.subject())) == Verdict.RIGHT) {
            return WrongAnswer.SUBJECT;
        }
        if (background.facts().about(one.bridge()).stream().anyMatch(named)) {
            return WrongAnswer.OTHER_FACT_OF_BRIDGE;
        }
        if (ofSubject.stream().anyMatch(named)) {
            return WrongAnswer.OTHER_FACT_OF_SUBJECT;
        }
        boolean ofAnother = background.facts().facts().stream()
                .filter(fact -> fact.relation().equals(relation))
                .anyMatch(named);
        return ofAnother ? WrongAnswer.OTHER_BRIDGE : WrongAnswer.OTHER;
    }

    /** Whether a wrong answer may be right after all; empty where nothing speaks for it. */
    public Optional<Artefact> artefact(CompositionalCase one, String predicted) {
        List<String> accepted = one.answers();
        if (accepted.stream().anyMatch(name -> Mentions.readable(name, predicted))) {
            return Optional.of(Artefact.LATER_IN_TEXT);
        }
        List<String> others = new ArrayList<>(entityNames(one.answer()));
        background.facts().facts().stream()
                .filter(fact -> fact.object().equals(one.answer()))
                .forEach(fact -> others.addAll(fact.aliases()));
        if (AnswerMatch.judge(predicted, others) == Verdict.RIGHT) {
            return Optional.of(Artefact.ANOTHER_NAME);
        }
        boolean elsewhere = CLEARLY_WRONG.contains(kind(one, predicted));
        String said = ARTICLE.matcher(predicted.strip()).replaceFirst("");
        return !elsewhere
                        && said.length() >= SHORTEST_PART
                        && accepted.stream().anyMatch(name -> Mentions.readable(said, name))
                ? Optional.of(Artefact.PART_OF_NAME)
                : Optional.empty();
    }

    private List<String> bridgeNames(CompositionalCase one) {
        List<String> names = new ArrayList<>(entityNames(one.bridge()));
        if (one.hops().size() > 1) {
            names.addAll(one.hops().get(one.hops().size() - 2).answers());
        }
        return names;
    }

    private boolean names(String predicted, Fact fact) {
        List<String> names = new ArrayList<>(entityNames(fact.object()));
        names.addAll(fact.aliases());
        return AnswerMatch.judge(predicted, names) == Verdict.RIGHT;
    }

    private List<String> entityNames(String entity) {
        List<String> names = new ArrayList<>(List.of(entity));
        names.addAll(background.names().aliases(entity));
        return names;
    }
}
