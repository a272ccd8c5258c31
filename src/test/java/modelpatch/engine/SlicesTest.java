package modelpatch.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors that one buffer of Java cannot hold go in and out slice by slice; here the slices are of a few numbers. */
class SlicesTest {
    private static final float[] NUMBERS = numbers(60);

    private static float[] numbers(int n) {
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = 1 / (float) (i + 1);
        }
        return numbers;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 12, 59, 60, 61})
    void aTensorHoldsTheSameBitsInHoweverManySlicesItWasWritten(long most) {
        List<Long> firsts = new ArrayList<>();
        try (Engine.Owner owner = Engine.owner()) {
            Engine.Fill fill = (first, part) -> {
                firsts.add(first);
                Engine.Fill.of(NUMBERS).write(first, part);
            };
            Tensor tensor = Engine.inSlices(owner, fill, most, 3, 4, 5);

            assertThat(tensor.shape()).containsExactly(3, 4, 5);
            assertThat(tensor.toFloats()).isEqualTo(NUMBERS);
        }
        assertThat(firsts).hasSize((int) ((60 + most - 1) / most)).isSorted();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 7, 12, 59, 60, 61})
    void slicesAreTheNumbersInOrderOfTheShapeHoweverTheyLieInMemory(long most) {
        try (Engine.Owner owner = Engine.owner();
                Engine.Scope scope = Engine.scope()) {
            Tensor lying = Engine.floats(owner, NUMBERS, 12, 5);
            for (Tensor tensor : List.of(lying, Engine.run("t", lying), lying.narrow(1, 1, 3))) {
                float[] whole = tensor.toFloats();
                FloatBuffer together = FloatBuffer.allocate(whole.length);
                tensor.slices(most, (first, slice) -> {
                    assertThat(together.position()).isEqualTo((int) first);
                    together.put(slice.asFloatBuffer());
                });
                assertThat(together.array()).isEqualTo(whole);
            }
            assertThat(Engine.run("t", lying).toFloats()[1]).isEqualTo(NUMBERS[5]);
        }
    }

    @Test
    void slicesLeaveNothingBehind() {
        try (Engine.Owner owner = Engine.owner()) {
            Tensor tensor = Engine.floats(owner, NUMBERS, 60);
            tensor.slices(7, (first, slice) -> {}); // where slices begin are numbers of the engine, which are kept
            int before = Engine.liveArrays();
            tensor.slices(7, (first, slice) -> {});
            assertThat(Engine.liveArrays()).isEqualTo(before);
        }
    }

    @Test
    void aTensorIsMadeOfAsManyNumbersAsItHas() {
        try (Engine.Owner owner = Engine.owner()) {
            assertThatThrownBy(() -> Engine.floats(owner, NUMBERS, 59)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /** 2^32 numbers that lie in one: nothing is allocated for them. */
    @Test
    void whatNoArrayCanHoldIsRefusedInOurWords() {
        try (Engine.Owner owner = Engine.owner();
                Engine.Scope scope = Engine.scope()) {
            Tensor one = Engine.floats(owner, new float[] {1}, 1, 1);
            Tensor huge =
                    new Tensor((ai.djl.pytorch.engine.PtNDArray) one.array().broadcast(1L << 16, 1L << 16));

            assertThatThrownBy(huge::toFloats)
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("too large", "(65536, 65536)", "4294967296");
            huge.free();
        }
    }
}
