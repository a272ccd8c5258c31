package modelpatch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class MemorySizeTest {
    @ParameterizedTest
    @CsvSource({"1,1", "12345,12345", "1k,1024", "1600M,1677721600", "4G,4294967296", "4 gb,4294967296"})
    void unitsArePowersOf1024(String text, long bytes) {
        assertThat(new MemorySize().convert(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1.5G", "4T", "much", "99999999999999999999"})
    void whatIsNoSizeIsRefused(String text) {
        assertThatThrownBy(() -> new MemorySize().convert(text)).isInstanceOf(TypeConversionException.class);
    }

    @Test
    void aReaderSeesMebibytesOrGibibytes() {
        assertThat(MemorySize.text(1600L << 20)).isEqualTo("1600 MB");
        assertThat(MemorySize.text(5L << 29)).isEqualTo("2.5 GB");
    }
}
