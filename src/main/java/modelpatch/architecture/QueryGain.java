package modelpatch.architecture;

/**
 * By what queries far into a sequence grow, so that attention stays sharp there: 1 + beta log(1 + floor((position + offset) / length)).
 * (Llama 4's attention temperature; Ministral 3's llama_4_scaling_beta.)
 */
public record QueryGain(double beta, double length, int offset) {
    /** The factor at a position. */
    public double at(int position) {
        return 1 + beta * Math.log1p(Math.floor((position + offset) / length));
    }
}
