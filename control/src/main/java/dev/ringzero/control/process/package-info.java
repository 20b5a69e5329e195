/**
 * Processes of a user that several machines share, such as a switch: started where they do not run,
 * and gone with their last user.
 */
package dev.ringzero.control.process;
