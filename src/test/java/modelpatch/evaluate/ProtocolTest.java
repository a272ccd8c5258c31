package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import org.junit.jupiter.api.Test;

class ProtocolTest {
    @Test
    void theIdentityNamesKindPrefixLengthAndMatchingRule() {
        FewShot shots = new FewShot("two", Form.CLOZE, List.of("A is B.", "C is D."));
        // printf 'A is B.\nC is D.\n' | sha256sum
        assertThat(Protocol.generated(shots).identity())
                .isEqualTo("generated / two (4fbecd94) / 24 new tokens / match 2");
        assertThat(Protocol.generated(FewShot.none(Form.QUESTION)).identity())
                .isEqualTo("generated / bare question / 24 new tokens / match 2");
        assertThat(Protocol.generated(shots).as(Protocol.Kind.SCORED).identity())
                .isEqualTo("scored / two (4fbecd94) / whole answer");
        assertThat(new Protocol(Protocol.Kind.SLOW, shots, 9).identity())
                .isEqualTo("slow / two (4fbecd94) / 9 new tokens / match 2");
    }

    @Test
    void anotherDemonstrationIsAnotherProtocol() {
        FewShot one = new FewShot("two", Form.CLOZE, List.of("A is B."));
        FewShot other = new FewShot("two", Form.CLOZE, List.of("A is C."));
        assertThat(Protocol.generated(one).identity())
                .isNotEqualTo(Protocol.generated(other).identity());
    }
}
