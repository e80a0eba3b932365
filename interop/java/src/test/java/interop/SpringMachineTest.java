package interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.endpoint.NimbusJwtClientAuthenticationParametersConverter;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrations;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoders;
import org.springframework.security.oauth2.jwt.JwtException;

import com.nimbusds.jose.jwk.RSAKey;

/** Spring Security 6: client credentials with private_key_jwt, and the resource server's decoder from issuer-uri. */
class SpringMachineTest {
    private static final String HOSPITAL_KID = "sandbox-1795000006";

    private static OAuth2AccessToken tokenFor(RSAKey key, String... scopes) {
        ClientRegistration hospital = ClientRegistrations.fromIssuerLocation(Sandbox.M2M).registrationId("hospital")
            .clientId("demo-hospital").clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
            .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS).scope(scopes).build();
        var clients = new InMemoryClientRegistrationRepository(hospital);
        var tokens = new RestClientClientCredentialsTokenResponseClient();
        tokens.addParametersConverter(new NimbusJwtClientAuthenticationParametersConverter<OAuth2ClientCredentialsGrantRequest>(r -> key));
        var manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(clients, new InMemoryOAuth2AuthorizedClientService(clients));
        manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
            .clientCredentials(c -> c.accessTokenResponseClient(tokens)).build());
        var nobody = new AnonymousAuthenticationToken("key", "machine", AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"));
        return manager.authorize(OAuth2AuthorizeRequest.withClientRegistrationId("hospital").principal(nobody).build()).getAccessToken();
    }

    @Test
    void theTwoTokensOfAnOrganisation() {
        RSAKey key = Sandbox.clientKey(HOSPITAL_KID);
        JwtDecoder decoder = JwtDecoders.fromIssuerLocation(Sandbox.M2M);
        var pseudo = decoder.decode(tokenFor(key, "openid", "iam:authz", "pseudo:api:pseudonymize", "pseudo:api:identify", "nihdi:uhmep:pseudo").getTokenValue());
        var uhmep = decoder.decode(tokenFor(key, "openid", "iam:authz", "nihdi:uhmep:organization").getTokenValue());
        assertThat(pseudo.getClaimAsMap("resource_access")).containsKey("ehealth-pseudo-api");
        assertThat(uhmep.getClaimAsMap("resource_access")).doesNotContainKey("ehealth-pseudo-api").containsKey("nihdi-uhmep-api");
        assertThat(uhmep.getAudience()).contains("demo-hospital");
        assertThat(uhmep.getClaimAsString("azp")).isEqualTo("demo-hospital");
    }

    @Test
    void aKeyThatIsNotRegisteredIsRefused() throws Exception {
        var generator = java.security.KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        var pair = generator.generateKeyPair();
        RSAKey foreign = new RSAKey.Builder((java.security.interfaces.RSAPublicKey) pair.getPublic())
            .privateKey((java.security.interfaces.RSAPrivateKey) pair.getPrivate()).keyID(HOSPITAL_KID).build();
        assertThatThrownBy(() -> tokenFor(foreign, "openid")).hasMessageContaining("invalid_client");
    }

    @Test
    void theResourceServerOfOneRealmRefusesTheOtherRealmsTokens() throws Exception {
        String person = Sandbox.login("dr-peeters", "nihdi-uhmep-hcp").get("access_token").asText();
        assertThat(JwtDecoders.<JwtDecoder>fromIssuerLocation(Sandbox.HEALTHCARE).decode(person).getClaimAsString("ssin")).isEqualTo("71011599751");
        assertThatThrownBy(() -> JwtDecoders.<JwtDecoder>fromIssuerLocation(Sandbox.M2M).decode(person)).isInstanceOf(JwtException.class);
    }
}
