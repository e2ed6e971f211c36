@exclusive @controls
Feature: Quotas and bulk upload
  A tenant holds so many definitions and indicators and no more, and an upload is taken whole or not at all.

  Scenario: One alert definition more than the quota is refused
    Given the tenant may hold 1 alert definition
    And an alert definition is published
    When publishing another alert definition is tried
    Then the tenant refuses it: quota used up
    And the tenant holds 1 alert definition in all

  Scenario: One indicator more than the quota is refused
    Given the tenant may hold 1 indicator
    And an alert definition and an indicator are published
    When publishing another indicator under it is tried
      | value | another-{marker}.example |
    Then the tenant refuses it: quota used up
    And the tenant holds 1 indicator in all

  Scenario: Indicators with another function than Equals have a quota of their own
    Given the tenant may hold 1 indicator with another function than Equals
    And an alert definition and an indicator are published
      | function | Contains |
    When publishing another indicator under it is tried
      | function | EndWith |
    Then the tenant refuses it: quota used up
    When publishing another indicator under it is tried
      | function | Equals |
    Then the tenant accepts it

  Scenario: Many alert definitions are uploaded at once
    When 50 alert definitions are uploaded at once
    Then the tenant accepts it
    And the tenant holds 50 alert definitions in all

  Scenario: An upload that goes over the quota leaves nothing behind
    Given the tenant may hold 4 alert definitions
    When 5 alert definitions are uploaded at once
    Then the tenant refuses it: quota used up
    And the tenant holds 0 alert definitions in all

  Scenario: An upload with one malformed alert definition leaves nothing behind
    When 5 alert definitions are uploaded at once, the last with a title of 121 characters
    Then the tenant refuses it: malformed
    And the tenant holds 0 alert definitions in all

  @legacy
  Scenario: Indicators are uploaded whole or not at all
    Given the tenant may hold 3 indicators
    And an alert definition is published
    When 4 indicators are uploaded at once
    Then the tenant refuses it: quota used up
    And the tenant holds 0 indicators in all
    When 3 indicators are uploaded at once
    Then the tenant accepts it
    And the tenant holds 3 indicators in all
