@guide
Feature: Step 2 of the guide: create a sample alert definition and an indicator
  The guide's own alert definition and its indicator, the address 52.184.197.12, are published word for word.

  Scenario: The sample alert definition and its indicator are held as published
    Given access to the tenant
    When the guide's alert definition is published
    And the guide's indicator is published under it
    Then the tenant holds the alert definition as published
    And the tenant holds the indicator as published
