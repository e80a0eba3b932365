package interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;

/** The HL7 validator checks what the sandbox emits, answer by answer and resource by resource, against R4 core. */
class ValidatorTest {
    private final FhirValidator validator = validator();

    /** What the validator says and we accept, with the reason. */
    private static final Map<Pattern, String> ACCEPTED = Map.of(
        Pattern.compile("sct_\\d+_\\d+"), "ids of SNOMED editions are those of the national image, underscore included",
        Pattern.compile("code system is complete, but the number of concepts"), "a _summary leaves the concepts out and says so by SUBSETTED",
        Pattern.compile("extension-TerminologyCapabilities.codeSystem.content"), "the R5 element in R4, as terminology test suites want it; R5 is not loaded here",
        Pattern.compile("\\(PSS_INDICATION\\)"), "the name that the component's JSON uses is the system's URI",
        Pattern.compile("documentation\\[\\d+\\]\\.label: The extension http://hl7.org/fhir/StructureDefinition/language"), "where the PSS guide puts the language of a guideline page"
    );

    private static FhirValidator validator() {
        var context = FhirContext.forR4Cached();
        var unknown = new UnknownCodeSystemWarningValidationSupport(context);
        unknown.setNonExistentCodeSystemSeverity(IssueSeverity.WARNING);
        var chain = new ValidationSupportChain(new DefaultProfileValidationSupport(context), new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context), unknown);
        var instance = new FhirInstanceValidator(chain);
        instance.setAnyExtensionsAllowed(true);
        instance.setErrorForUnknownProfiles(false);
        return context.newValidator().registerValidatorModule(instance);
    }

    @TestFactory
    List<DynamicTest> everyAnswerIsValidR4() throws Exception {
        var answers = new Answers();
        answers.collectReferral();
        answers.collectTerminology();
        answers.collectWriting();
        answers.collectAdvice();
        var tests = new ArrayList<DynamicTest>();
        for (var answer : answers.byRequest.entrySet()) {
            tests.add(DynamicTest.dynamicTest(answer.getKey(), () -> {
                var result = validator.validateWithResult(answer.getValue());
                var errors = result.getMessages().stream()
                    .filter(m -> m.getSeverity() == ResultSeverityEnum.ERROR || m.getSeverity() == ResultSeverityEnum.FATAL)
                    .map(m -> m.getLocationString() + ": " + m.getMessage())
                    .filter(m -> ACCEPTED.keySet().stream().noneMatch(known -> known.matcher(m).find())).toList();
                assertThat(errors).as("%s", answer.getValue().substring(0, Math.min(4000, answer.getValue().length()))).isEmpty();
            }));
        }
        return tests;
    }
}
