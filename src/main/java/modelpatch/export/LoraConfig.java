package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.document.Json;

/**
 * adapter_config.json of Hugging Face PEFT: which modules an adapter changes, by how many components and with which scale. A key that may make
 * the adapter something else than W + scale B A is refused by name, and so is one that is not known here and not off. (Source: LoraConfig and
 * check_target_module_exists of PEFT 0.21.)
 */
final class LoraConfig {
    static final String FILE = "adapter_config.json";

    /** What PEFT takes where r or lora_alpha is not given. */
    private static final int DEFAULT = 8;

    /** Names, and how training began or went: the same factors mean the same without them. Merging alone asks for fan_in_fan_out. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "auto_mapping",
            "base_model_name_or_path",
            "corda_config",
            "ensure_weight_tying",
            "eva_config",
            "fan_in_fan_out",
            "inference_mode",
            "loftq_config",
            "lora_dropout",
            "lora_ga_config",
            "megatron_core",
            "merge_weights",
            "monteclora_config",
            "peft_version",
            "qalora_group_size",
            "revision",
            "runtime_config",
            "task_type",
            "velora_config");

    private static final Set<String> READ = Set.of(
            "alpha_pattern",
            "exclude_modules",
            "layers_pattern",
            "layers_to_transform",
            "lora_alpha",
            "r",
            "rank_pattern",
            "target_modules",
            "use_rslora");

    /** What a key makes of an adapter unless it is off. */
    private static final Map<String, String> MORE = Map.ofEntries(
            Map.entry("alora_invocation_tokens", "the adapter acts behind these tokens only (aLoRA)"),
            Map.entry("arrow_config", "several adapters are mixed by what is read"),
            Map.entry("enable_lora", "factors of parts of a fused layer"),
            Map.entry("kasa_config", "the base loses its smallest singular values first (KaSA)"),
            Map.entry("layer_replication", "the base's blocks are repeated"),
            Map.entry("lora_bias", "biases beside the factors"),
            Map.entry("megatron_config", "layers of Megatron, cut over devices"),
            Map.entry("modules_to_save", "whole weights, trained beside the factors"),
            Map.entry("target_parameters", "factors of tensors that are no linear layers"),
            Map.entry("trainable_token_indices", "rows of the embedding, trained by themselves"),
            Map.entry("use_bdlora", "factors of blocks on a diagonal"),
            Map.entry("use_dora", "rows are brought to a learned length (DoRA)"),
            Map.entry("use_qalora", "inputs are averaged in groups"));

    /** Beginnings that leave the base as it is; PiSSA, OLoRA, CorDA, LoftQ and LoRA-GA put another in its place. */
    private static final Set<String> BEGINNINGS =
            Set.of("true", "false", "null", "gaussian", "eva", "orthogonal", "mica");

    private final Path file;
    private final JsonNode json;

    private LoraConfig(Path file, JsonNode json) {
        this.file = file;
        this.json = json;
    }

    /**
     * The configuration in an adapter's directory.
     *
     * @throws BadInput where it says more than a LoRA, or something that is not known here
     */
    static LoraConfig read(Path directory) {
        Path file = directory.resolve(FILE);
        LoraConfig config = new LoraConfig(file, Json.object(file));
        config.requireLora();
        return config;
    }

    JsonNode json() {
        return json;
    }

    /**
     * What an adapter does to one module.
     *
     * @param rank components that it has
     * @param scale of B A
     */
    record Change(int rank, double scale) {}

    /**
     * Those of some modules that the adapter changes.
     *
     * @param modules names within the base, without {@code base_model.model.}
     * @param output the module that makes logits, which "all-linear" leaves out
     */
    Map<String, Change> changes(Collection<String> modules, String output) {
        return NamePattern.inTime(file.toString(), () -> {
            LoraTargets targets = new LoraTargets(json, file, output);
            List<Pattern> ranks = patterns("rank_pattern");
            List<Pattern> alphas = patterns("alpha_pattern");
            Map<String, Change> changes = new TreeMap<>();
            for (String module : modules) {
                if (targets.include(module)) {
                    changes.put(
                            module,
                            change(
                                    Pattern.first(ranks, module, json.path("r").asInt(DEFAULT)),
                                    Pattern.first(
                                            alphas,
                                            module,
                                            json.path("lora_alpha").asDouble(DEFAULT))));
                }
            }
            return changes;
        });
    }

    /** alpha / r, or alpha / sqrt(r) for rank-stabilised adapters (Kalajdzievski 2023). */
    private Change change(double rank, double alpha) {
        boolean stabilised = json.path("use_rslora").asBoolean(false);
        return new Change((int) rank, alpha / (stabilised ? Math.sqrt(rank) : rank));
    }

    // ---- what it may say

    private void requireLora() {
        String type = json.path("peft_type").asText("LORA");
        if (!type.equals("LORA")) {
            throw more("peft_type", "LORA", "another method");
        }
        String biases = json.path("bias").asText("none");
        if (!biases.equals("none")) {
            throw more("bias", "none", "biases, trained beside the factors");
        }
        JsonNode beginning = json.path("init_lora_weights");
        if (!beginning.isMissingNode() && !BEGINNINGS.contains(beginning.asText())) {
            throw more(
                    "init_lora_weights",
                    "one of " + String.join(", ", BEGINNINGS.stream().sorted().toList()),
                    "training began by changing the base, and the factors belong to the changed one; PEFT makes a plain adapter of it where"
                            + " it saves with path_initial_model_for_weight_conversion");
        }
        requireKnown();
        requireNumbers();
    }

    private void requireKnown() {
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            String key = entry.getKey();
            // PEFT asks whether there is a list of tokens, not whether any are in it
            boolean off =
                    key.equals("alora_invocation_tokens") ? entry.getValue().isNull() : isOff(entry.getValue());
            if (!off && MORE.containsKey(key)) {
                throw more(key, "null, false or nothing", MORE.get(key));
            }
            boolean known = WITHOUT_EFFECT.contains(key)
                    || READ.contains(key)
                    || Set.of("peft_type", "bias", "init_lora_weights").contains(key);
            if (!off && !known) {
                throw new BadInput(
                        "key of an adapter that is not known here",
                        file.toString(),
                        "the keys of a LoRA in PEFT 0.21",
                        key + " = " + entry.getValue(),
                        "it may change what the factors mean: merge the adapter into its base with the tool that made it, or remove the"
                                + " key if it does not");
            }
        }
    }

    private static boolean isOff(JsonNode value) {
        return value.isNull()
                || (value.isBoolean() && !value.asBoolean())
                || (value.isNumber() && value.asDouble() == 0)
                || (value.isTextual() && value.asText().isEmpty())
                || (value.isContainerNode() && value.isEmpty());
    }

    private void requireNumbers() {
        List<Map.Entry<String, JsonNode>> numbers = new ArrayList<>();
        for (String key : List.of("r", "lora_alpha")) {
            if (json.has(key)) {
                numbers.add(Map.entry(key, json.get(key)));
            }
        }
        numbers.addAll(json.path("rank_pattern").properties());
        numbers.addAll(json.path("alpha_pattern").properties());
        for (Map.Entry<String, JsonNode> number : numbers) {
            if (!number.getValue().isNumber()) {
                throw wrong(number.getKey(), "a number", number.getValue());
            }
        }
        JsonNode stabilised = json.path("use_rslora");
        if (!stabilised.isMissingNode() && !stabilised.isNull() && !stabilised.isBoolean()) {
            throw wrong("use_rslora", "true or false", stabilised);
        }
    }

    private BadInput more(String key, String expected, String why) {
        return new BadInput(
                "adapter is more than a LoRA",
                file.toString(),
                key + " = " + expected,
                json.path(key) + " (" + why + ")",
                "merge it into its base with the tool that made it, and give the merged model");
    }

    private BadInput wrong(String key, String expected, JsonNode found) {
        return new BadInput(
                "wrong value in the configuration of an adapter",
                file.toString(),
                key + " = " + expected,
                found.toString(),
                "correct it, or get the adapter again");
    }

    // ---- patterns

    /** A number for modules whose name, or the end of it behind a dot, matches. */
    private record Pattern(NamePattern ends, double number) {
        static double first(List<Pattern> patterns, String module, double otherwise) {
            return patterns.stream()
                    .filter(pattern -> pattern.ends().matches(module))
                    .findFirst()
                    .map(Pattern::number)
                    .orElse(otherwise);
        }
    }

    private List<Pattern> patterns(String key) {
        List<Pattern> patterns = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : json.path(key).properties()) {
            NamePattern ends = NamePattern.of("(.*\\.)?(" + entry.getKey() + ")", file + ", " + key);
            patterns.add(new Pattern(ends, entry.getValue().asDouble()));
        }
        return patterns;
    }
}
