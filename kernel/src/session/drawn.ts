/** A display of a cell that is drawn, and drawn again in its place. */
import type { Header, Json } from '../wire/message.ts';
import type { SessionState } from './state.ts';

/** `parent` is the cell's header. Gives, for a display id, what shows a bundle there. */
export function drawn(state: SessionState, parent: Header): (display_id: string) => (data: Json) => void {
  return (display_id) => {
    let shown = false;
    return (data) => {
      state.voice.publish(shown ? 'update_display_data' : 'display_data', { data, metadata: {}, transient: { display_id } }, parent);
      shown = true;
    };
  };
}
