package modelpatch.checkpoint;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import modelpatch.family.Family;
import modelpatch.family.GgufForm;
import modelpatch.family.Part;
import modelpatch.family.Switches.QueryKeyNorm;

/** What the tensors of one family are called in GGUF and in the Hugging Face layout, in both directions, as its row of the table has them. */
final class GgufNames {
    private static final Pattern IN_GGUF = Pattern.compile("(?:blk\\.(\\d{1,5})\\.)?([a-z_0-9]+)\\.(weight|bias)");
    private static final String LAYER = "%d";
    private static final String MEMBER = "%e";

    private final Family family;
    private final GgufForm form;
    private final Map<String, Part> parts = new HashMap<>();
    private final Map<Part, Pattern> inHuggingFace = new HashMap<>();

    /** @param family one that GGUF has */
    GgufNames(Family family) {
        this.family = family;
        this.form = family.gguf().orElseThrow();
        family.parts().keySet().forEach(part -> {
            parts.put(form.name(part), part);
            String[] around = family.canonical(part, LAYER).split(LAYER, -1);
            String name = around.length == 1
                    ? Pattern.quote(around[0])
                    : Pattern.quote(around[0]) + "(\\d{1,5})" + Pattern.quote(around[1]);
            inHuggingFace.put(part, Pattern.compile(name + "\\.(weight|bias)"));
        });
    }

    /**
     * What a tensor of a GGUF file is.
     *
     * @param pattern its Hugging Face name, or of several that the file keeps as one, {@code %e} where they differ
     */
    record Named(Part part, boolean isWeight, String pattern) {
        /** Whether it is several tensors of the Hugging Face layout: those of all experts, or norms of all heads. */
        boolean isStack() {
            return pattern.contains(MEMBER);
        }

        String member(long index) {
            return pattern.replace(MEMBER, Long.toString(index));
        }
    }

    /** What a tensor is; empty for one that the architecture does not have. */
    Optional<Named> find(String inGguf) {
        Matcher name = IN_GGUF.matcher(inGguf);
        if (!name.matches()) {
            return Optional.empty();
        }
        String layer = name.group(1);
        return Optional.ofNullable(parts.get(name.group(2)))
                .filter(part -> family.isOfBlock(part) == (layer != null))
                .map(part -> new Named(
                        part,
                        name.group(3).equals("weight"),
                        family.canonical(part, String.valueOf(layer)) + member(part) + "." + name.group(3)));
    }

    /** What comes behind the name of a norm that is stored head by head. */
    private String member(Part part) {
        boolean listed = family.queryKeyNorm() == QueryKeyNorm.LISTED_HEADS
                && (part == Part.QUERY_NORM || part == Part.KEY_NORM);
        return listed ? "." + MEMBER : "";
    }

    /** The name in GGUF; empty for a tensor that llama.cpp has no place for. */
    Optional<String> gguf(String name) {
        for (Map.Entry<Part, Pattern> entry : inHuggingFace.entrySet()) {
            Matcher matcher = entry.getValue().matcher(name);
            if (matcher.matches()) {
                Part part = entry.getKey();
                String ending = matcher.group(matcher.groupCount());
                boolean hasPlace = ending.equals("weight") || form.biases().contains(part);
                String block = matcher.groupCount() == 2 ? "blk." + matcher.group(1) + "." : "";
                return hasPlace ? Optional.of(block + form.name(part) + "." + ending) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    /** The part that a tensor of a Hugging Face name belongs to; empty for one that the family does not have. */
    Optional<Part> part(String name) {
        return inHuggingFace.entrySet().stream()
                .filter(entry -> entry.getValue().matcher(name).matches())
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
