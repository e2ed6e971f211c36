@endpoint @graph @exclusive @controls
Feature: Roles
  A token without the role that a call demands is a token all the same: the service refuses the call and says which role.

  Scenario: Without the role to publish, nothing is published
    Given the application has no role but to read alerts
    When access to the tenant is tried
    Then the tenant refuses it: no access

  Scenario: Without the role to read alerts, none is seen, and the drill says so
    Given the application has no role but to publish
    And access to the tenant
    And an onboarded device
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    And reading the alerts is tried
    Then the tenant refuses it: no access
