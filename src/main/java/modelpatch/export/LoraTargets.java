package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import modelpatch.BadInput;

/** Which modules an adapter of PEFT changes: those that are targeted, not excluded, and in the layers that it says. */
final class LoraTargets {
    private final String output;
    private final Names targeted;
    private final Names excluded;
    private final Set<Integer> layers;
    private final List<NamePattern> numbered;

    /**
     * @param json the adapter's configuration
     * @param file it came from
     * @param output the module that makes logits, which "all-linear" leaves out
     * @throws BadInput where it holds what is no regular expression, or no number of a layer
     */
    LoraTargets(JsonNode json, Path file, String output) {
        this.output = output;
        this.targeted = Names.of(json, "target_modules", file);
        this.excluded = Names.of(json, "exclude_modules", file);
        this.layers = layers(json.path("layers_to_transform"), file);
        String pattern = "layers_pattern";
        List<String> lists = texts(json.path(pattern));
        this.numbered = (lists.isEmpty() ? List.of(".*?\\.[^.]*") : lists)
                .stream()
                        .map(list -> lists.isEmpty() ? list : "(?:^|.*?\\.)" + list)
                        .map(list -> NamePattern.of(list + "\\.(?<index>\\d+)\\..*", file + ", " + pattern))
                        .toList();
    }

    private static Set<Integer> layers(JsonNode value, Path file) {
        Set<Integer> layers = new TreeSet<>();
        for (JsonNode layer : value.isArray() ? value : List.of(value)) {
            if (layer.canConvertToInt()) {
                layers.add(layer.asInt());
            } else if (!layer.isNull() && !layer.isMissingNode()) {
                throw new BadInput(
                        "wrong value in the configuration of an adapter",
                        file.toString(),
                        "layers_to_transform = a layer's number or a list of such",
                        value.toString(),
                        "correct it, or get the adapter again");
            }
        }
        return layers;
    }

    /** PEFT writes down what it targeted; without that the factors speak for themselves. */
    boolean include(String module) {
        if (excluded.hold(module)) {
            return false;
        }
        if (!targeted.stated()) {
            return true;
        }
        return targeted.allLinear()
                ? !module.equals(output)
                : targeted.hold(module) && (targeted.whole().isPresent() || isInLayers(module));
    }

    /** The first list of modules in a name counts, not that of experts within a block. */
    private boolean isInLayers(String module) {
        return layers.isEmpty()
                || numbered.stream()
                        .flatMap(pattern -> pattern.group(module, "index").stream())
                        .findFirst()
                        .map(index -> layers.contains(Integer.valueOf(index)))
                        .orElse(false);
    }

    private static List<String> texts(JsonNode value) {
        List<String> texts = new ArrayList<>();
        (value.isTextual() ? List.of(value) : value).forEach(text -> texts.add(text.asText()));
        return texts.stream().filter(text -> !text.isEmpty()).toList();
    }

    /**
     * Modules in the two ways that PEFT names them.
     *
     * @param stated whether any way was taken
     * @param allLinear whether the word for every linear layer was given
     * @param whole a regular expression of whole names
     * @param ends names, or what follows a dot in them
     */
    private record Names(boolean stated, boolean allLinear, Optional<NamePattern> whole, List<String> ends) {
        static Names of(JsonNode json, String key, Path file) {
            JsonNode value = json.path(key);
            boolean text = value.isTextual() && !value.asText().isEmpty();
            boolean word = text && value.asText().equals("all-linear");
            return new Names(
                    !value.isMissingNode() && !value.isNull(),
                    word,
                    text && !word ? Optional.of(NamePattern.of(value.asText(), file + ", " + key)) : Optional.empty(),
                    value.isArray() ? texts(value) : List.of());
        }

        boolean hold(String module) {
            return whole.map(pattern -> pattern.matches(module)).orElse(false)
                    || ends.stream().anyMatch(end -> module.equals(end) || module.endsWith("." + end));
        }
    }
}
