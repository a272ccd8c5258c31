package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Questions;
import modelpatch.model.ActivationCache;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.model.NextToken;
import modelpatch.model.Site;
import modelpatch.train.World;
import org.junit.jupiter.api.Test;

/** The map of the committed model against one whole run for every cell, and what is made of the cells. */
class CeilingMapperTest {
    private static final Path HOME = Path.of("models", "default");
    private static final int[] NO_PREFIX = {};
    private static final World WORLD = World.read(HOME);

    private static Questions questions() {
        return Questions.bare(WORLD.asked());
    }

    @Test
    void everyCellIsWhatOneWholeRunWithTheStateInItsPlaceSays() {
        try (LanguageModel model = LanguageModel.open(HOME, LoadOptions.defaults())) {
            CeilingMapper mapper = new CeilingMapper(model, questions(), 1);
            List<CompositionalCase> cases = WORLD.heldOut().cases().subList(0, 6);
            int asked = 0;
            for (CompositionalCase one : cases) {
                CeilingMap map = mapper.of(List.of(one), Progress.UNWATCHED);
                asked += map.cases();
                assertThat(map.cases() + map.unread()).isEqualTo(1);
                for (CeilingMap.Cell cell : map.cases() == 0 ? List.<CeilingMap.Cell>of() : map.phraseEnd()) {
                    assertThat(cell.correction().value().orElseThrow())
                            .as("L%d to L%d of %s", cell.source(), cell.target(), one.id())
                            .isEqualTo(naive(model, one, cell) ? 1 : 0);
                }
                // after the last block nothing reads the end of the phrase any more, and the last token is the guide's
                // own
                for (int source : map.cases() == 0 ? List.<Integer>of() : map.blocks()) {
                    assertThat(map.at(source, 5).correction().value().orElseThrow())
                            .isEqualTo(map.at(0, 5).correction().value().orElseThrow());
                }
                map.last().stream()
                        .filter(cell -> map.cases() == 1 && cell.target() == 5)
                        .forEach(cell -> assertThat(cell.correction().value()).hasValue(1));
            }
            assertThat(asked).isGreaterThan(1);
        }
    }

    private static boolean naive(LanguageModel model, CompositionalCase one, CeilingMap.Cell cell) {
        EntityReader reader = new EntityReader(
                model, WORLD.asked().background(), questions().deciding().frame());
        String type = WORLD.asked().background().objectType(one.lastHop());
        EntityReading guide = reader.read(one.guides().get(0), type, one.answer());
        EntityReading to = reader.read(one.compositions().get(0), type, one.answer());
        Site source = new Site(Site.Kind.RESIDUAL_POST, cell.source());
        ActivationCache donor = model.run(NO_PREFIX, List.of(guide.sequence()), Set.of(source), List.of());
        Intervention put = Intervention.replace(
                new Site(Site.Kind.RESIDUAL_POST, cell.target()),
                to.phraseEnd(),
                donor.at(0, source, guide.phraseEnd()));
        float[] logits = model.run(NO_PREFIX, List.of(to.sequence()), Set.of(), List.of(List.of(put)))
                .logits(0);
        return NextToken.argmax(logits) == to.id();
    }

    @Test
    void theCellThatIsReadWasChosenOnOtherBridges() {
        try (LanguageModel model = LanguageModel.open(HOME, LoadOptions.defaults())) {
            List<CompositionalCase> cases = WORLD.heldOut().cases().subList(0, 10);
            CeilingMap map = new CeilingMapper(model, questions(), 1).of(cases, Progress.UNWATCHED);
            CeilingMap.CrossFit fit = map.crossFitted().orElseThrow();
            double best = map.phraseEnd().stream()
                    .mapToDouble(cell -> cell.correction().value().orElseThrow())
                    .max()
                    .orElseThrow();
            assertThat(fit.correction().n()).isEqualTo(map.cases());
            assertThat(fit.generalisation().n()).isEqualTo(map.items());
            // a cell that is chosen elsewhere cannot beat the two best of each half, and the whole's best is no more
            // than those
            assertThat(fit.correction().value().orElseThrow()).isBetween(0.0, 1.0);
            assertThat(List.of(fit.first(), fit.second())).isSubsetOf(map.phraseEnd());
            assertThat(best).isPositive();
            assertThat(new CeilingMapper(model, questions(), 1).of(cases, Progress.UNWATCHED))
                    .isEqualTo(map);
        }
    }

    @Test
    void aMapHasAtMostTenBlocksAndTheLastOneIsAmongThem() {
        assertThat(CeilingMapper.blocks(6)).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(CeilingMapper.blocks(30)).containsExactly(2, 5, 8, 11, 14, 17, 20, 23, 26, 29);
        assertThat(CeilingMapper.blocks(24)).containsExactly(2, 5, 8, 11, 14, 17, 20, 23);
    }
}
