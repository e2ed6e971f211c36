@endpoint
Feature: Expiry
  An indicator has an end of its own, so that even a machine that is lost in mid-drill leaves nothing behind.

  Scenario: Before its end, an indicator raises an alert
    Given an onboarded device
    And an alert definition and an indicator are in effect
      | expires in | 3 hours |
    When the device contacts the indicator's address
    Then an alert is raised within 30 minutes

  @controls
  Scenario: After its end, an indicator raises none and is gone
    Given an onboarded device
    And a control is published
    And an alert definition and an indicator are in effect
      | expires in | 3 hours |
    When 4 hours pass
    And the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised
    And the tenant holds the indicator no more
