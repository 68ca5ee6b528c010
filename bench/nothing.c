/* SPDX-License-Identifier: MIT
 *
 * Does nothing: what it takes to start a program and to end it, to compare pickle-check with.
 * Linked the same way. */
int main(void) {
    return 0;
}
