package modelpatch.checkpoint;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import modelpatch.family.Family;
import modelpatch.family.GgufForm;
import modelpatch.family.Part;

/** What the tensors of one family are called in GGUF and in the Hugging Face layout, in both directions, as its row of the table has them. */
final class GgufNames {
    private static final Pattern IN_GGUF = Pattern.compile("(?:blk\\.(\\d{1,5})\\.)?([a-z_]+)\\.(weight|bias)");
    private static final String LAYER = "%d";

    private final Family family;
    private final GgufForm form;
    private final Map<String, Part> parts = new HashMap<>();
    private final Map<Part, Pattern> inHuggingFace = new HashMap<>();

    /** @param family one that GGUF has */
    GgufNames(Family family) {
        this.family = family;
        this.form = family.gguf().orElseThrow();
        family.parts().keySet().forEach(part -> {
            parts.put(part.gguf(), part);
            String[] around = family.canonical(part, LAYER).split(LAYER, -1);
            String name = around.length == 1
                    ? Pattern.quote(around[0])
                    : Pattern.quote(around[0]) + "(\\d{1,5})" + Pattern.quote(around[1]);
            inHuggingFace.put(part, Pattern.compile(name + "\\.(weight|bias)"));
        });
    }

    /** The Hugging Face name; empty for a tensor that the architecture does not have. */
    Optional<String> huggingFace(String inGguf) {
        Matcher name = IN_GGUF.matcher(inGguf);
        if (!name.matches()) {
            return Optional.empty();
        }
        String layer = name.group(1);
        return Optional.ofNullable(parts.get(name.group(2)))
                .filter(part -> family.isOfBlock(part) == (layer != null))
                .map(part -> family.canonical(part, String.valueOf(layer)) + "." + name.group(3));
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
                return hasPlace ? Optional.of(block + part.gguf() + "." + ending) : Optional.empty();
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
