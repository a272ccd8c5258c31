package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayerWindowTest {
    @ParameterizedTest
    @CsvSource({
        "0, 6, 32, 0, 2", "1, 6, 32, 0, 3", "3, 6, 32, 0, 5", "17, 6, 32, 14, 19", "31, 6, 32, 28, 31",
        "0, 2, 32, 0, 0", "9, 2, 32, 8, 9", "3, 5, 32, 1, 5", "4, 1, 32, 4, 4", "1, 9, 3, 0, 2"
    })
    void windowsLeanDownForEvenWidthsAndStopAtTheEnds(int layer, int width, int layers, int first, int last) {
        LayerWindow window = LayerWindow.around(layer, width, layers);
        assertThat(window).isEqualTo(new LayerWindow(first, last));
        assertThat(window.size()).isEqualTo(last - first + 1);
        assertThat(window.contains(layer)).isTrue();
        assertThat(window.contains(first - 1)).isFalse();
        assertThat(window.contains(last + 1)).isFalse();
    }

    @Test
    void layersOutsideTheModelAreRefused() {
        assertThatThrownBy(() -> LayerWindow.around(32, 6, 32)).isInstanceOf(BadInput.class);
        assertThatThrownBy(() -> LayerWindow.around(-1, 6, 32)).isInstanceOf(BadInput.class);
        assertThatThrownBy(() -> LayerWindow.around(0, 0, 32)).isInstanceOf(BadInput.class);
    }
}
