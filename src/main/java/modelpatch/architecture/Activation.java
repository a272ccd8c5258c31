package modelpatch.architecture;

import java.util.Optional;

/** An MLP's non-linearity. */
public enum Activation {
    /** x sigmoid(x). */
    SILU,
    /** max(x, 0). */
    RELU,
    /** x Phi(x), exactly (Hendrycks and Gimpel 2016). */
    GELU,
    /** The same by its tanh approximation. */
    GELU_TANH,
    /** x sigmoid(1.702 x). */
    QUICK_GELU,
    /** max(x, 0)^2 (So et al. 2021). */
    SQUARED_RELU;

    /** Every name that is understood, for messages. */
    static String names() {
        return "silu, swish, relu, relu2, gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, quick_gelu";
    }

    /** By its names in configurations; empty for one that is not known. */
    static Optional<Activation> named(String name) {
        return switch (name) {
            case "silu", "swish" -> Optional.of(SILU);
            case "relu" -> Optional.of(RELU);
            case "gelu" -> Optional.of(GELU);
            case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> Optional.of(GELU_TANH);
            case "quick_gelu" -> Optional.of(QUICK_GELU);
            case "relu2", "squared_relu" -> Optional.of(SQUARED_RELU);
            default -> Optional.empty();
        };
    }
}
