package modelpatch.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.junit.jupiter.api.Test;

class ReportJsonTest {
    /** With enough methods for the Java machine to hand them out in another order than they are written in. */
    record Shares(int wrong, int right) {
        @JsonProperty("total")
        int total() {
            return wrong + right;
        }

        @JsonProperty("difference")
        int difference() {
            return right - wrong;
        }

        @JsonProperty("all_right")
        boolean allRight() {
            return wrong == 0;
        }

        @JsonProperty("some_wrong")
        boolean someWrong() {
            return wrong > 0;
        }
    }

    @Test
    void componentsComeInTheirOrderThenWhatARecordWorksOutByName() {
        assertThat(ReportJson.line(new Shares(1, 3)))
                .isEqualTo(
                        "{\"wrong\":1,\"right\":3,\"all_right\":false,\"difference\":2,\"some_wrong\":true,\"total\":4}");
    }
}
