package modelpatch;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.stream.Collectors;

/** The classes of src/main, read once for all tests that ask what there is. */
public final class Production {
    /** All of them. */
    public static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("modelpatch");

    private Production() {}

    /** Full names of the classes that are of a type. */
    public static Set<String> implementing(Class<?> type) {
        return CLASSES.stream()
                .filter(one -> one.isAssignableTo(type) && !one.isInterface())
                .map(JavaClass::getName)
                .collect(Collectors.toSet());
    }
}
