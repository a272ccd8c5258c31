package modelpatch.export.foreign;

/**
 * What quantising did to an edit: a change of less than half a step leaves a number where it was, and the others are rounded to whole steps.
 * Whether that matters is a question of behaviour, so run suites on the written file.
 *
 * @param operator of ONNX that reads the integers
 * @param bits of an integer
 * @param tiles of the weight that share a scale
 * @param rescaled how many of them got a new one because the edited numbers did not fit
 * @param changed numbers that stand for others than before
 * @param cutOff edited numbers that no code comes near because their scale is not this weight's alone
 * @param relativeError |stored change - dW| / |dW| in the Frobenius norm; 0 for a change of 0, 1 where all of it was lost
 */
public record Requantised(
        String operator, int bits, int tiles, int rescaled, long changed, long cutOff, double relativeError) {}
