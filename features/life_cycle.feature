Feature: Life cycle of alert definitions and indicators
  What is published can be read, changed, moved and removed, one by one and all at once.

  Scenario: Every field of an alert definition is held as published
    When an alert definition is published
      | severity             | High                               |
      | title                | A drill's own title {marker}       |
      | description          | What the reader should know.       |
      | recommended action   | Isolate the device.                |
      | internal description | For the author's eyes: {marker}    |
      | category             | CommandAndControl                  |
      | enabled              | no                                 |
    Then the tenant holds the alert definition as published

  Scenario: Every field of an indicator is held as published
    Given an alert definition is published
    When an indicator is published under it
      | type     | DomainName        |
      | function | EndWith           |
      | value    | .{marker}.example |
      | enabled  | no                |
    Then the tenant holds the indicator as published

  Scenario: An alert definition is changed, and the rest of it stays
    Given an alert definition is published
    When the alert definition is changed
      | title    | Changed {marker} |
      | severity | Low              |
    Then the tenant holds the alert definition as published

  Scenario: An indicator is changed, and the rest of it stays
    Given an alert definition and an indicator are published
    When the indicator is changed
      | value | changed-{marker}.example |
    Then the tenant holds the indicator as published

  Scenario: An alert definition is found by its name
    Given an alert definition is published
    Then the tenant finds the alert definition by "Name eq 'alertdrill {marker}'"
    And the tenant finds the alert definition by "contains(InternalDescription,'{marker}') and Severity eq 'Medium'"

  @legacy
  Scenario: An indicator is removed, and its alert definition stays
    Given an alert definition and an indicator are published
    When the indicator is removed
    Then the tenant holds the indicator no more
    And the tenant holds the alert definition as published

  @legacy
  Scenario: The indicators of an alert definition are removed, and it stays
    Given an alert definition and an indicator are published
    When the alert definition's indicators are removed
    Then the tenant holds the indicator no more
    And the tenant holds the alert definition as published

  Scenario: An alert definition takes its indicators with it
    Given an alert definition and an indicator are published
    When the alert definition is removed
    Then the tenant holds the alert definition no more
    And the tenant holds the indicator no more

  @exclusive
  Scenario: Every indicator of the tenant is removed, and the alert definitions stay
    Given an alert definition and an indicator are published
    And a second alert definition is published
    When every indicator of the tenant is removed
    Then the tenant holds 0 indicators in all
    And the tenant holds 2 alert definitions in all

  @exclusive
  Scenario: Every alert definition of the tenant is removed, and the indicators with them
    Given an alert definition and an indicator are published
    And a second alert definition is published
    When every alert definition of the tenant is removed
    Then the tenant holds 0 alert definitions in all
    And the tenant holds 0 indicators in all

  Scenario: An indicator that is moved raises the alert of its new alert definition
    Given an onboarded device
    And an alert definition and an indicator are published
    And a second alert definition is published
    When the indicator is moved under the second alert definition
    And everything published is in effect
    And the device contacts the second indicator's address
    Then the second definition's alert is raised within 15 minutes

  @legacy @graph
  Scenario: A changed title shows in the alerts that follow
    Given an onboarded device
    And an alert definition and an indicator are in effect
    When the alert definition is changed
      | title | Changed {marker} |
    And everything published is in effect
    And the device contacts the indicator's address
    Then an alert is raised within 15 minutes
    And the alert shows
      | title | Changed {marker} |
