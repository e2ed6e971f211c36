@guide
Feature: Step 1 of the guide: enable the threat intelligence API and obtain access
  The portal shows credentials when the API is enabled. They are exchanged for a token, and the tenant takes it.

  Scenario: The credentials that the portal shows give access
    When access to the tenant is tried
    Then the tenant accepts it

  @legacy @exclusive @controls
  Scenario: A tenant whose API is switched off gives none
    Given the threat intelligence API is switched off
    When access to the tenant is tried
    Then the tenant refuses it: no access
    When the threat intelligence API is switched on
    And access to the tenant is tried
    Then the tenant accepts it
