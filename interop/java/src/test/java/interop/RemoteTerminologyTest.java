package interop;

import static org.assertj.core.api.Assertions.assertThat;

import org.hl7.fhir.common.hapi.validation.support.RemoteTerminologyServiceValidationSupport;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.ValueSet;
import org.junit.jupiter.api.Test;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.ConceptValidationOptions;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.context.support.LookupCodeRequest;
import ca.uhn.fhir.context.support.ValidationSupportContext;

/** HAPI's validator with the sandbox as its remote terminology server. */
class RemoteTerminologyTest {
    private static final String TYPES = "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/be-cs-prescription-type";
    private static final String TYPES_VS = "https://www.ehealth.fgov.be/standards/fhir/terminology/ValueSet/be-vs-prescription-type";
    private static final String SNOMED = "http://snomed.info/sct";
    private final RemoteTerminologyServiceValidationSupport remote =
        new RemoteTerminologyServiceValidationSupport(FhirContext.forR4Cached(), Sandbox.URL + "/fhir");
    private final ValidationSupportContext context = new ValidationSupportContext(remote);
    private final ConceptValidationOptions options = new ConceptValidationOptions();

    @Test
    void validatesCodesOfACodeSystem() {
        IValidationSupport.CodeValidationResult right = remote.validateCode(context, options, TYPES, "hygienic-care", null, null);
        assertThat(right.isOk()).isTrue();
        assertThat(right.getDisplay()).isNotBlank();
        IValidationSupport.CodeValidationResult wrong = remote.validateCode(context, options, TYPES, "no-such-care", null, null);
        assertThat(wrong.isOk()).isFalse();
        assertThat(wrong.getMessage()).isNotBlank();
    }

    @Test
    void validatesCodesOfAValueSet() {
        assertThat(remote.validateCode(context, options, TYPES, "hygienic-care", null, TYPES_VS).isOk()).isTrue();
        assertThat(remote.validateCode(context, options, TYPES, "no-such-care", null, TYPES_VS).isOk()).isFalse();
        assertThat(remote.validateCode(context, options, SNOMED, "225964003", null, SNOMED + "?fhir_vs").isOk()).isTrue();
    }

    @Test
    void looksUpCodesWithDesignations() {
        var found = remote.lookupCode(context, new LookupCodeRequest(SNOMED, "225964003"));
        assertThat(found.isFound()).isTrue();
        assertThat(found.getCodeDisplay()).isNotBlank();
        assertThat(found.getDesignations()).isNotEmpty();
        assertThat(remote.lookupCode(context, new LookupCodeRequest(SNOMED, "999999")).isFound()).isFalse();
    }

    @Test
    void fetchesCodeSystemsAndValueSets() {
        assertThat(remote.isCodeSystemSupported(context, TYPES)).isTrue();
        assertThat(remote.isCodeSystemSupported(context, "http://example.org/unknown")).isFalse();
        assertThat(remote.isValueSetSupported(context, TYPES_VS)).isTrue();
        assertThat(((CodeSystem) remote.fetchCodeSystem(TYPES)).getConcept()).isNotEmpty();
        assertThat(((ValueSet) remote.fetchValueSet(TYPES_VS)).getUrl()).isEqualTo(TYPES_VS);
    }
}
