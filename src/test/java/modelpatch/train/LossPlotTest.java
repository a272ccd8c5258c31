package modelpatch.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import modelpatch.model.DecoderTraining.Losses;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class LossPlotTest {
    private static final Pattern POINT = Pattern.compile("([-0-9.]+),([-0-9.]+)");

    @Test
    void aPlotIsWellFormedAndItsCurvesStayInsideTheirFrames() throws Exception {
        List<Losses> losses = new ArrayList<>();
        for (int step = 1; step <= 500; step++) {
            losses.add(new Losses(20.0 / step, step > 400 ? 0 : 1.0 / step, 1));
        }
        List<TrainingHistory.Sitting> exams = List.of(
                new TrainingHistory.Sitting(250, false, new Exam(10, 5, 10, 4, 0, 0)),
                new TrainingHistory.Sitting(500, true, new Exam(10, 10, 10, 9, 10, 6)));
        Document svg = parsed(LossPlot.svg(new TrainingHistory(TrainingConfig.read(Worlds.CONFIG), losses, exams)));

        assertThat(svg.getDocumentElement().getTagName()).isEqualTo("svg");
        NodeList lines = svg.getElementsByTagName("polyline");
        assertThat(lines.getLength()).isEqualTo(5);
        for (int i = 0; i < lines.getLength(); i++) {
            String points = ((Element) lines.item(i)).getAttribute("points");
            List<MatchResult> found = POINT.matcher(points).results().toList();
            assertThat(found).isNotEmpty();
            for (MatchResult point : found) {
                assertThat(Double.parseDouble(point.group(1))).isBetween(60.0, 680.0);
                assertThat(Double.parseDouble(point.group(2))).isBetween(i < 2 ? 30.0 : 290.0, i < 2 ? 230.0 : 490.0);
            }
        }
        // An exam without a gap has no point on its curve: 2 + 2 + 1.
        assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(5);
    }

    @Test
    void aRunOfOneStepIsDrawnToo() throws Exception {
        TrainingHistory one =
                new TrainingHistory(TrainingConfig.read(Worlds.CONFIG), List.of(new Losses(3, 0, 1)), List.of());
        assertThat(parsed(LossPlot.svg(one)).getElementsByTagName("polyline").getLength())
                .isEqualTo(5);
    }

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }
}
