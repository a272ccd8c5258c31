package modelpatch.family;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The switches of a forward pass that a family sets for good. */
public final class Switches {
    private Switches() {}

    /** Which mean a norm divides by. */
    public enum NormKind {
        /** x / rms(x) * w (Zhang and Sennrich 2019). */
        @JsonProperty("rms")
        RMS,
        /** x / rms(x) * (1 + w), as Gemma stores it. */
        @JsonProperty("rms_plus_one")
        RMS_PLUS_ONE,
        /** x / rms(x) (Llama 4's queries and keys). */
        @JsonProperty("rms_plain")
        RMS_PLAIN,
        /** (x - mean) / deviation * w + b (Ba et al. 2016). */
        @JsonProperty("layer")
        LAYER,
        /** The same with no b, or with one where a checkpoint has it (Cohere, MPT). */
        @JsonProperty("layer_gain")
        LAYER_GAIN,
        /** The same with 1 + w (Nemotron). */
        @JsonProperty("layer_plus_one")
        LAYER_PLUS_ONE,
        /** The same with neither w nor b (OLMo). */
        @JsonProperty("layer_plain")
        LAYER_PLAIN
    }

    /** Which dimensions of a head turn together. */
    public enum RotaryKind {
        /** Dimension i and i + dimensions / 2. */
        @JsonProperty("halves")
        HALVES,
        /** Dimension 2i and 2i + 1 (GPT-J). */
        @JsonProperty("pairs")
        PAIRS,
        /** None: positions are learned. */
        @JsonProperty("none")
        NONE
    }

    /** How queries, keys and values are projected. */
    public enum ProjectionKind {
        /** By three linear layers. */
        @JsonProperty("separate")
        SEPARATE,
        /** By one, which gives all q, then all k, then all v. */
        @JsonProperty("concatenated")
        CONCATENATED,
        /** By one, which gives, for one key-value head after the other, its queries, its key and its value. */
        @JsonProperty("per_head")
        PER_HEAD,
        /** By way of narrow latents, with a part of the keys that all heads share (DeepSeek-V2). */
        @JsonProperty("latent")
        LATENT
    }

    /** How the MLP makes its hidden units. */
    public enum MlpKind {
        /** act(W_in x). */
        @JsonProperty("plain")
        PLAIN,
        /** act(W_gate x) * W_in x (Shazeer 2020). */
        @JsonProperty("gated")
        GATED,
        /** The same with both maps in one layer, the gate first. */
        @JsonProperty("fused_gate")
        FUSED_GATE,
        /** Both maps in one layer, row by row in turn, gate and units bounded (gpt-oss). */
        @JsonProperty("clamped_gate")
        CLAMPED_GATE
    }

    /** How the matrices of experts are stored, in layers that have experts instead of one MLP. */
    public enum ExpertKind {
        /** There are none. */
        @JsonProperty("none")
        NONE,
        /** Each expert is a gated MLP with layers of its own. */
        @JsonProperty("separate")
        SEPARATE,
        /** All gates and first matrices are one tensor [experts, 2 d_expert, d_model], the gate first, all second ones another. */
        @JsonProperty("stacked")
        STACKED,
        /** The same as [experts, d_model, 2 d_expert], under names without {@code .weight}. */
        @JsonProperty("stacked_in_out")
        STACKED_IN_OUT
    }

    /** What the logit of a router becomes. */
    public enum RouterScore {
        /** The softmax over all experts. */
        @JsonProperty("softmax")
        SOFTMAX,
        /** Its own sigmoid. */
        @JsonProperty("sigmoid")
        SIGMOID
    }

    /** What an MLP reads. */
    public enum MlpReads {
        /** The residual stream after attention. */
        @JsonProperty("mid")
        MID,
        /** The residual stream before the block, through a norm of its own. */
        @JsonProperty("pre")
        PRE,
        /** What attention reads, norm included (GPT-J). */
        @JsonProperty("attention_input")
        ATTENTION_INPUT
    }

    /** What the norms of queries and keys see. */
    public enum QueryKeyNorm {
        /** There are none. */
        @JsonProperty("none")
        NONE,
        /** One head. */
        @JsonProperty("head")
        HEAD,
        /** One head, without a gain, in layers whose heads turn. */
        @JsonProperty("plain_head")
        PLAIN_HEAD,
        /** One head, each with a gain of its own, [heads, d_head]. */
        @JsonProperty("own_head")
        OWN_HEAD,
        /** The same with a tensor a head. */
        @JsonProperty("listed_heads")
        LISTED_HEADS,
        /** All heads of one position together. */
        @JsonProperty("projection")
        PROJECTION;

        /** Whether a norm sees one head at a time. */
        public boolean byHead() {
            return this == HEAD || this == PLAIN_HEAD || this == OWN_HEAD || this == LISTED_HEADS;
        }
    }

    /** How a linear layer's matrix is stored. */
    public enum WeightOrder {
        /** [d_out, d_in]. */
        @JsonProperty("out_in")
        OUT_IN,
        /** [d_in, d_out] (GPT-2). */
        @JsonProperty("in_out")
        IN_OUT
    }

    /** Which layers have a window where a configuration gives one and says no more. */
    public enum WindowPattern {
        /** Every layer. */
        @JsonProperty("all")
        ALL,
        /** Every second, from the first on. */
        @JsonProperty("alternating")
        ALTERNATING,
        /** Those whose heads turn, each position seeing its own chunk of the sequence (Llama 4). */
        @JsonProperty("chunks_where_turning")
        CHUNKS_WHERE_TURNING,
        /** All but every n-th. */
        @JsonProperty("periodic")
        PERIODIC
    }

    /** In which layers rotary positions turn the heads. */
    public enum RotaryLayers {
        /** In all. */
        @JsonProperty("all")
        ALL,
        /** In those with a window, where there are any; full attention sees no positions (Cohere 2, EXAONE 4). */
        @JsonProperty("sliding")
        SLIDING,
        /** In those that a configuration lists, else in all but every n-th (SmolLM3). */
        @JsonProperty("listed")
        LISTED
    }

    /** What layers with a window do about rotary scaling. */
    public enum SlidingRotary {
        /** The same as the others. */
        @JsonProperty("same")
        SAME,
        /** They turn unscaled, and by a base of their own where there is one (Gemma 3, OLMo 3). */
        @JsonProperty("unscaled")
        UNSCALED
    }

    /** Biases of attention scores that grow with the distance (ALiBi; Press et al. 2022). */
    public enum Alibi {
        /** There are none. */
        @JsonProperty("none")
        NONE,
        /** slope * position of the key, beside the scaled scores (BLOOM). */
        @JsonProperty("bloom")
        BLOOM,
        /** As BLOOM's, with other slopes where the number of heads is no power of two (MPT). */
        @JsonProperty("mpt")
        MPT
    }
}
