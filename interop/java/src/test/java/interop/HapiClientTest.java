package interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Date;
import java.util.List;

import org.hl7.fhir.r4.model.*;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.SearchStyleEnum;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.api.ServerValidationModeEnum;
import ca.uhn.fhir.rest.client.interceptor.AdditionalRequestHeadersInterceptor;
import ca.uhn.fhir.rest.client.interceptor.BearerTokenAuthInterceptor;
import ca.uhn.fhir.rest.gclient.StringClientParam;
import ca.uhn.fhir.rest.server.exceptions.AuthenticationException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;

/** HAPI FHIR's generic client, with its check of the capability statement on, walks a nursing prescription. */
class HapiClientTest {
    static final String SSIN = "54022899886";
    static final String INFSEC = "https://www.ehealth.fgov.be/standards/fhir/infsec/StructureDefinition/";
    static final String REFERRAL = "https://www.ehealth.fgov.be/standards/fhir/referral/StructureDefinition/";
    static final String TERMINOLOGY = "https://www.ehealth.fgov.be/standards/fhir/terminology/CodeSystem/";
    static final FhirContext R4 = FhirContext.forR4();
    static String doctorToken;
    static IGenericClient doctor;
    static IGenericClient nurse;

    static IGenericClient client(String path, String token) {
        R4.getRestfulClientFactory().setServerValidationMode(ServerValidationModeEnum.ONCE);
        var client = R4.newRestfulGenericClient(Sandbox.URL + path);
        var headers = new AdditionalRequestHeadersInterceptor();
        headers.addHeaderValue("From", "interop@example.invalid");
        client.registerInterceptor(headers);
        if (token != null) client.registerInterceptor(new BearerTokenAuthInterceptor(token));
        return client;
    }

    @BeforeAll
    static void signIn() throws Exception {
        doctorToken = Sandbox.login("dr-peeters", "nihdi-uhmep-hcp").get("access_token").asText();
        doctor = client("/uhmep/v1", Sandbox.exchange(doctorToken, "nihdi-uhmep-hcp", "nihdi-uhmep-fhir-hcp").get("access_token").asText());
        String nurseToken = Sandbox.login("nurse-claes", "nihdi-uhmep-hcp").get("access_token").asText();
        nurse = client("/uhmep/v1", Sandbox.exchange(nurseToken, "nihdi-uhmep-hcp", "nihdi-uhmep-fhir-hcp").get("access_token").asText());
    }

    static ServiceRequest prescription() throws Exception {
        var request = new ServiceRequest();
        request.getMeta().addProfile("https://www.riziv-inami.be/standards/fhir/ereferral/StructureDefinition/ereferral-servicerequest-nursing");
        var period = new Period();
        period.setStartElement(new DateTimeType(new java.text.SimpleDateFormat("yyyy-MM-dd").format(new Date())));
        request.addExtension(REFERRAL + "be-ext-validity-period", period);
        request.addExtension(REFERRAL + "be-ext-feedback-to-prescriber", new BooleanType(false));
        request.setStatus(ServiceRequest.ServiceRequestStatus.ACTIVE).setIntent(ServiceRequest.ServiceRequestIntent.ORDER)
            .setPriority(ServiceRequest.ServiceRequestPriority.ROUTINE);
        request.addCategory().addCoding().setSystem("http://snomed.info/sct").setCode("9632001");
        request.addCategory().addCoding().setSystem(TERMINOLOGY + "be-cs-prescription-type").setCode("hygienic-care");
        request.getCode().addCoding().setSystem("http://snomed.info/sct").setCode("225964003");
        var identifier = request.getSubject().getIdentifier();
        identifier.setUse(Identifier.IdentifierUse.OFFICIAL).setSystem("https://www.ehealth.fgov.be/standards/fhir/core/NamingSystem/ssin");
        identifier.setValue(Pseudonym.of(SSIN, doctorToken));
        var marker = new Extension(INFSEC + "be-ext-pseudonymization");
        marker.addExtension("marker", new BooleanType(true));
        marker.addExtension("format", new CodeType("direct"));
        marker.addExtension("version", new PositiveIntType(2));
        identifier.getValueElement().addExtension(marker);
        var repeat = new Timing.TimingRepeatComponent();
        var months = new Duration();
        months.setValue(2).setSystem("http://unitsofmeasure.org").setCode("mo");
        repeat.setBounds(months).setCount(16).setFrequency(2).setPeriod(1).setPeriodUnit(Timing.UnitsOfTime.WK);
        request.setOccurrence(new Timing().setRepeat(repeat));
        request.setAuthoredOnElement(DateTimeType.now());
        request.setRequester(new Reference("PractitionerRole/71011599751-PHYSICIAN"));
        return request;
    }

    static Task assignment(String prescription) {
        var task = new Task();
        task.getMeta().addProfile(REFERRAL + "be-performer-task");
        return task.setStatus(Task.TaskStatus.READY).setIntent(Task.TaskIntent.ORDER).setFocus(new Reference("ServiceRequest/" + prescription))
            .addPartOf(new Reference("Task/" + prescription)).setOwner(new Reference("PractitionerRole/85072299879-NURSE"));
    }

    @Test
    void theWholeJourney() throws Exception {
        MethodOutcome made = doctor.create().resource(prescription()).execute();
        assertThat(made.getCreated()).isTrue();
        String id = made.getId().getIdPart();
        assertThat(made.getId().getVersionIdPart()).isEqualTo("1");

        ServiceRequest read = doctor.read().resource(ServiceRequest.class).withId(id).execute();
        assertThat(read.getIdentifier()).isNotEmpty();
        assertThat(read.getSubject().getIdentifier().getValue()).contains("pseudo:v2:");

        Bundle found = doctor.search().forResource(ServiceRequest.class)
            .where(new StringClientParam("patient").matches().value(Pseudonym.of(SSIN, doctorToken)))
            .usingStyle(SearchStyleEnum.POST).returnBundle(Bundle.class).execute();
        assertThat(ids(found)).contains(id);
        int pages = 1;
        while (found.getLink(Bundle.LINK_NEXT) != null && pages++ < 40) found = doctor.loadPage().next(found).execute();

        Task task = (Task) nurse.create().resource(assignment(id)).execute().getResource();
        assertThat(task.getStatus()).isEqualTo(Task.TaskStatus.READY);
        var start = new Parameters();
        var operation = start.addParameter().setName("operation");
        operation.addPart().setName("type").setValue(new CodeType("add"));
        operation.addPart().setName("path").setValue(new StringType("Task.executionPeriod"));
        operation.addPart().setName("name").setValue(new StringType("start"));
        operation.addPart().setName("value").setValue(DateTimeType.now());
        Task started = (Task) nurse.patch().withFhirPatch(start).withId(new IdType("Task", task.getIdElement().getIdPart())).execute().getResource();
        assertThat(started.getStatus()).isEqualTo(Task.TaskStatus.INPROGRESS);
        Task referral = doctor.read().resource(Task.class).withId(id).execute();
        assertThat(referral.getStatus()).isEqualTo(Task.TaskStatus.INPROGRESS);

        Bundle history = nurse.history().onInstance(new IdType("Task", task.getIdElement().getIdPart())).andReturnBundle(Bundle.class).execute();
        assertThat(history.getEntry()).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void refusalsBecomeHapisExceptionsWithAnOutcome() throws Exception {
        var clear = prescription();
        clear.getSubject().getIdentifier().setValue(SSIN);
        assertThatThrownBy(() -> doctor.create().resource(clear).execute()).isInstanceOfSatisfying(UnprocessableEntityException.class,
            e -> assertThat(((OperationOutcome) e.getOperationOutcome()).getIssue()).isNotEmpty());
        assertThatThrownBy(() -> client("/uhmep/v1", null).read().resource(ServiceRequest.class).withId("x").execute())
            .isInstanceOf(AuthenticationException.class);
    }

    @Test
    void terminologyOperations() {
        for (String path : List.of("/fhir", "/terminology/fhir")) {
            IGenericClient tx = client(path, null);
            Parameters lookup = tx.operation().onType(CodeSystem.class).named("$lookup")
                .withParameter(Parameters.class, "system", new UriType("http://snomed.info/sct")).andParameter("code", new CodeType("225964003"))
                .execute();
            assertThat(lookup.getParameter("display").getValue().primitiveValue()).isNotBlank();
            ValueSet expanded = tx.operation().onType(ValueSet.class).named("$expand")
                .withParameter(Parameters.class, "url", new UriType("http://snomed.info/sct?fhir_vs")).andParameter("filter", new StringType("hyg"))
                .andParameter("count", new IntegerType(5)).returnResourceType(ValueSet.class).execute();
            assertThat(expanded.getExpansion().getTimestamp()).isNotNull();
        }
    }

    static List<String> ids(Bundle bundle) {
        return bundle.getEntry().stream().map(e -> e.getResource().getIdElement().getIdPart()).toList();
    }
}
