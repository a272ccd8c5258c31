package modelpatch.cases;

import java.util.List;
import java.util.Optional;

/**
 * Prompts that a foreign file brings along for one chain, beside those made from relations.
 *
 * @param compositions ask for the answer by describing the bridge
 * @param guides the same with the bridge by name, parallel to {@code compositions}
 * @param singleHops for each hop prompts that ask for its object, [hop][prompt]
 */
record Asked(List<Query> compositions, List<Query> guides, List<List<Query>> singleHops) {
    /**
     * A text as a prompt, with the entity that it names as what fills the slot; empty where the entity cannot be read in it, or where
     * braces in it would be taken for a slot.
     */
    static Optional<Query> naming(String entity, String text, String id, Form form, TemplateSplit split) {
        int at = Mentions.indexOf(entity, text, 0);
        if (at < 0 || text.contains(Template.SLOT)) {
            return Optional.empty();
        }
        int end = at + entity.length();
        Template template = new Template(id, form, split, text.substring(0, at) + Template.SLOT + text.substring(end));
        return Optional.of(new Query(text, end, template));
    }
}
