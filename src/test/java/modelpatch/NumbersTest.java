package modelpatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NumbersTest {
    private final Locale before = Locale.getDefault();

    @AfterEach
    void speakAsBefore() {
        Locale.setDefault(before);
    }

    @Test
    void digitsAndPointsAreThoseOfTheRootLocaleWhateverTheMachineSpeaks() {
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        assertThat(String.format("%d %.1f", 5, 0.5)).isNotEqualTo("5 0.5");
        assertThat(Numbers.format("%d %.1f", 5, 0.5)).isEqualTo("5 0.5");
        assertThat(Numbers.decimal(1234.5, 2)).isEqualTo("1234.50");
        assertThat(Numbers.size(0.0123)).isEqualTo("0.01230");
        assertThat(Numbers.error(1.234e-7)).isEqualTo("1.23e-07");
        assertThat(Numbers.signed(0.5)).isEqualTo("+0.500");
        assertThat(Numbers.percent(0.1234, 2)).isEqualTo("12.34 %");
        Locale.setDefault(Locale.GERMANY);
        assertThat(Numbers.size(0.0123)).isEqualTo("0.01230");
    }

    @Test
    void whatIsUndefinedReadsNa() {
        assertThat(Numbers.percent(OptionalDouble.empty())).isEqualTo("n/a");
        assertThat(Numbers.percent(OptionalDouble.of(0.613))).isEqualTo("61.3 %");
    }

    @Test
    void findingsKeepSixSignificantDigits() {
        assertThat(Numbers.rounded(1234567.0)).isEqualTo(1234570.0);
        assertThat(Numbers.rounded(-0.00012345678)).isEqualTo(-0.000123457);
        assertThat(Numbers.rounded(Double.NaN)).isNaN();
    }
}
